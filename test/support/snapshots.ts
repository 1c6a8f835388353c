import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commitAll, edit, json, makeProject, readJson, until, write } from './project.ts';

/** Projects whose runs use a copy of the code. */

export const FROM_SNAPSHOT = 'host_mode: local\ncode: {run_from: snapshot}\n';

/** Says where it runs and what its code says, into its outputs. */
export const SHOWING = [
  'echo started >> "$AUTOLAB_RUN_DIR/marker"',
  'pwd -P > "$AUTOLAB_RUN_DIR/where"',
  'echo "$AUTOLAB_REPO_ROOT" > "$AUTOLAB_RUN_DIR/root"',
  'cat lib.txt > "$AUTOLAB_RUN_DIR/saw"',
  'echo \'{}\' > "$AUTOLAB_RUN_DIR/metrics.json"',
  '',
].join('\n');

export function snapshotProject(launchYaml = FROM_SNAPSHOT, entrypoint = SHOWING): string {
  return withSnapshots(makeProject({ entrypoint }), launchYaml);
}

export function withSnapshots(root: string, launchYaml: string): string {
  write(root, '.autolab/launch.yaml', launchYaml);
  write(root, 'lib.txt', 'as approved\n');
  edit(root, '.gitignore', (text) => `${text}.autolab/snapshots/\n.autolab/tmp/\n/data\n`);
  commitAll(root);
  return root;
}

/** Names of all whole trees. */
export function trees(root: string): readonly string[] {
  return inSnapshots(root).filter((name) => /^[0-9a-f]{64}$/.test(name));
}

export function inSnapshots(root: string, ...parts: readonly string[]): readonly string[] {
  return readdirSync(join(root, '.autolab/snapshots', ...parts))
    .filter((name) => name !== '.gitignore')
    .sort();
}

/** The workflow is at the stage launch again. */
export function rewound(root: string): void {
  const state = readJson(root, '.autolab/state.json');
  write(root, '.autolab/state.json', json({ ...state, stage: 'launch' }));
}

/** Waits until AUTOLAB_STOP_AT has stopped a program. */
export async function stopped(pid: number | undefined): Promise<void> {
  const state = (): string | undefined => /\) (\w) /.exec(readFileSync(`/proc/${pid ?? 0}/stat`, 'utf8'))?.[1];
  await until('the program is stopped', () => state() === 'T');
}
