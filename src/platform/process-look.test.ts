import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lookAtProcesses } from './process-look.ts';

const MARK = `AUTOLAB_TEST_LOOK=${process.pid}`;

/** Becomes another process again and again: each forks the next one and ends. The last one leaves a file. */
const RELAY = '[ "$1" -gt 0 ] || { : > "$3"; exit 0; }; sleep 0.01; bash -c "$2" bash $(($1 - 1)) "$2" "$3" & exit 0';

it('does not miss a process that becomes another one again and again twice in a row', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'autolab-look-'));
  const last = join(folder, 'last');
  const env = { ...process.env, [MARK.split('=')[0] ?? '']: String(process.pid) };
  spawn('bash', ['-c', RELAY, 'bash', '100', RELAY, last], { env, stdio: 'ignore' });
  let looks = 0;
  for (let missed = 0; missed < 2; looks += 1) {
    const seen = await lookAtProcesses({ marks: [MARK], since: null });
    missed = seen.some(({ mark }) => mark === 'yes') ? 0 : missed + 1;
  }
  expect(existsSync(last), `it was missed at the looks ${looks - 1} and ${looks}`).toBe(true);
  rmSync(folder, { recursive: true });
});

it('leaves alone what began before the run', async () => {
  const seen = await lookAtProcesses({ marks: [MARK], since: '9999999999' });
  expect(new Set(seen.map(({ mark }) => mark))).toEqual(new Set(['older']));
});
