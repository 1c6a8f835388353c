import { expect, test, vi } from 'vitest';
import { autolabJson } from '../support/autolab.ts';
import { read, runIds } from '../support/project.ts';
import { SLOW_MS } from '../support/runs.ts';
import { endsOfTasks, makeTaskProject, MARK_TASK, startsOfTasks } from '../support/tasks/task-project.ts';

vi.setConfig({ testTimeout: SLOW_MS });

const COMMAND = ['bash', 'experiments/iter1/main.sh', '{{task.how}}'];

test('mixed ends: each task began exactly once, and ended as it did', async () => {
  const root = makeTaskProject({
    tasks: '{grid: {how: [good, bad, signal, says137, late, orphan]}, max_parallel: 2}',
    compute: { time: '"00:00:03"' },
    command: COMMAND,
    entrypoint: `${MARK_TASK}case "$1" in
bad) exit 3 ;;
signal) kill -9 $$ ;;
says137) exit 137 ;;
late) exec sleep 300 ;;
orphan) setsid sleep 300 & ;;
esac
echo "$1 $AUTOLAB_TASK_PARAMS" > "$AUTOLAB_TASK_DIR/out"
echo said
`,
  });
  const { status, json } = await autolabJson(root, ['launch']);
  expect([status, json['code']]).toEqual([10, 'tasks.failed']);
  expect(startsOfTasks(root)).toEqual({ 0: 1, 1: 1, 2: 1, 3: 1, 4: 1, 5: 1 });
  const ends = endsOfTasks(root);
  expect(ends.map(({ state, code, exit_code: exit, signal }) => [state, code, exit, signal])).toEqual([
    ['completed', null, 0, null],
    ['failed', 'local.failed', 3, null],
    ['failed', 'local.signal', null, 'SIGKILL'],
    ['failed', 'local.failed', 137, null],
    ['failed', 'local.timeout', null, 'SIGTERM'],
    ['completed', null, 0, null],
  ]);
  const run = `experiments/iter1/runs/${runIds(root)[0] ?? ''}`;
  expect(read(root, `${run}/tasks/0/out`)).toBe('good {"how":"good"}\n');
  expect(read(root, `${run}/tasks/0/stdout.log`)).toBe('said\n');
});
