import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { type Ended, PROGRAM, startProgram } from '../support/autolab.ts';
import { makeProject, runIds, temporaryFolder } from '../support/project.ts';
import { kill, lives, manifestOf, pidIn, SLOW_MS } from '../support/runs.ts';

/** Runs of an ordinary user, with processes that are not theirs. Only root can become another user. */

vi.setConfig({ testTimeout: SLOW_MS });

const NOBODY = 65_534;
const AS_NOBODY = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
const program = [process.execPath, PROGRAM];
/** Where the program lies in a folder of root's own, nobody else can start it. */
const canBeNobody = spawnSync(AS_NOBODY[0] ?? '', [...AS_NOBODY.slice(1), ...program, '--version']).status === 0;
const asRoot = test.runIf(canBeNobody);

const BEGIN = 'echo started >> "$AUTOLAB_RUN_DIR/marker"\necho \'{"accuracy": 1}\' > "$AUTOLAB_RUN_DIR/metrics.json"\n';

function projectOfNobody(entrypoint: string): string {
  const root = makeProject({ entrypoint });
  const all = readdirSync(root, { recursive: true, encoding: 'utf8' }).map((name) => join(root, name));
  for (const path of [root, ...all]) chownSync(path, NOBODY, NOBODY);
  return root;
}

function launch(root: string, before: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return startProgram([...before, ...program, 'launch'], root, { env }).ended;
}

/** As sudo: a program that belongs to root, and may say so. */
function sudo(): string {
  const folder = temporaryFolder();
  const path = join(folder, 'as-root');
  copyFileSync(spawnSync('which', ['setpriv'], { encoding: 'utf8' }).stdout.trim(), path);
  chmodSync(folder, 0o755);
  chmodSync(path, 0o4755);
  return path;
}

asRoot('a process of another user that outlives the run is named, and nobody waits for it', async () => {
  const root = projectOfNobody(`${BEGIN}"$SUDO" --reuid=0 sleep 300 &\necho $! > "$AUTOLAB_RUN_DIR/root"\nsleep 0.5\n`);

  const ended = await launch(root, AS_NOBODY, { SUDO: sudo() });

  const [runId = ''] = runIds(root);
  const pid = await pidIn(root, runId, 'root');
  const survivor = `sleep (${pid}), which belongs to user 0 and may not be signalled`;
  expect(lives(pid)).toBe(true);
  kill(pid);
  expect(ended.status, ended.stderr).toBe(0);
  expect(ended.stderr).toContain(`These processes of the run could not be ended: ${survivor}.`);
  const { local } = manifestOf(root, runId);
  expect(local.survivors).toEqual([survivor]);
  expect(local.evidence).toContain(`still alive after the run: ${survivor}`);
  expect(local.leftovers_ended).toEqual([]);
});

asRoot('where /proc hides the processes of others, the record says that none was looked for', async () => {
  const hidden = ['unshare', '--mount', 'sh', '-c', 'mount -t proc -o hidepid=2 proc /proc && exec "$@"', 'sh'];
  const root = projectOfNobody(BEGIN);
  const ended = await launch(root, [...hidden, ...AS_NOBODY]);
  expect(ended.status, ended.stderr).toBe(0);
  expect(manifestOf(root, runIds(root)[0] ?? '')['local'].evidence.join('\n')).toContain('hidepid');
});
