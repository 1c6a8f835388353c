import { join } from 'node:path';
import { commitAll, edit, json, temporaryFolder, write } from '../project.ts';
import { makeTaskProject, MARK_TASK } from './task-project.ts';

/** Projects some of whose tasks fail until something that is not code is put right. */

/** Of the tasks `x`: each fails as long as `data/bad-<x>` is there. */
const TASK = `${MARK_TASK}echo "ran $1"
echo "{\\"accuracy\\": 0.$2}" > "$AUTOLAB_TASK_DIR/metrics.json"
ln -s metrics.json "$AUTOLAB_TASK_DIR/link"
mkdir -p "$AUTOLAB_TASK_DIR/deep"
echo "$1" > "$AUTOLAB_TASK_DIR/deep/one"
test ! -e "$AUTOLAB_REPO_ROOT/data/bad-$1"
`;

export const DESIGN = 'experiments/iter1/design.yaml';

/** A list of tasks, as YAML in flow style. */
function listOf(xs: readonly string[]): string {
  return `{list: ${JSON.stringify(xs.map((x, at) => ({ x, y: String(at + 1) })))}}`;
}

export function makeFailedOnlyProject(bad: string, root = temporaryFolder()): string {
  makeTaskProject({
    root,
    tasks: listOf(['a', 'b', 'c', 'd']),
    entrypoint: TASK,
    command: ['bash', 'experiments/iter1/main.sh', '{{task.x}}', '{{task.y}}'],
    artifacts: ['metrics.json'],
    state: { max_stage_attempts: 9 },
  });
  edit(root, '.gitignore', (text) => `${text}data/\n`);
  for (const x of bad) write(root, `data/bad-${x}`, '');
  commitAll(root);
  return root;
}

export function runFolder(root: string, runId: string): string {
  return join(root, 'experiments/iter1/runs', runId);
}

/** At the launch again, whatever the last run came to. */
export function backToLaunch(root: string): void {
  edit(root, '.autolab/state.json', (text) => json({ ...JSON.parse(text), stage: 'launch', stage_attempt: 0 }));
}
