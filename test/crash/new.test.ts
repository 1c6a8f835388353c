import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { autolab } from '../support/autolab.ts';
import { call } from '../support/contract.ts';
import { read, temporaryFolder, write } from '../support/project.ts';
import { SLOW_MS, stateOf } from '../support/runs.ts';

/** `autolab new`, killed between any two of its writes: the same call again makes what it would have made. */

const WORDS = [
  'new',
  'a',
  '--init',
  '--on',
  'local',
  '--time',
  '5',
  '--hypothesis',
  'it learns',
  '--',
  'python3',
  'train.py',
];
const MADE = ['experiments/a/design.yaml', '.autolab/backlog.yaml', '.autolab/positions.json'];

function repository(): string {
  const root = temporaryFolder();
  execFileSync('git', ['init', '--quiet'], { cwd: root });
  write(root, 'train.py', 'print("trained")\n');
  return root;
}

describe('autolab new, killed', () => {
  it.each(['new.design_written', 'new.backlog_written', 'move.written', 'move.position_kept', 'move.state_written'])(
    'at %s',
    async (point) => {
      const [whole, root] = [repository(), repository()];
      await call(whole, WORDS);

      const killed = await autolab(root, WORDS, { env: { AUTOLAB_CRASH_AT: point } });
      const again = await call(root, WORDS);

      expect(killed.signal).toBe('SIGKILL');
      expect(again, again.stderr).toMatchObject({ status: 0, json: { stage_after: 'implementation_review' } });
      for (const file of MADE) expect(read(root, file)).toBe(read(whole, file));
      expect(stateOf(root)).toMatchObject({ iteration_id: 'a', experiment_id: 'a', stage: 'implementation_review' });
      expect(stateOf(root)['history']).toHaveLength(1);
    },
    SLOW_MS,
  );

  it(
    'while it makes the project: it is completed',
    async () => {
      const root = repository();
      await call(root, WORDS);
      const before = read(root, '.autolab/launch.yaml');
      for (const path of ['.autolab/state.json', '.autolab/backlog.yaml', 'experiments/a'])
        rmSync(join(root, path), { recursive: true });

      const again = await call(root, WORDS);

      expect(again).toMatchObject({ status: 0, json: { stage_after: 'implementation_review' } });
      expect(read(root, '.autolab/launch.yaml')).toBe(before);
    },
    SLOW_MS,
  );
});
