import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { until } from '../../../test/support/project.ts';
import {
  begunTasks,
  makeElements,
  MARK_LINE,
  MARK_TASKS,
  type Params,
  readTaskReceipt,
  receiptNames,
  tasksScript,
  worker,
} from '../../../test/support/slurm-elements.ts';
import type { Node } from '../../../test/support/slurm-scripts.ts';
import { parseTaskClaim, parseTaskExit } from '../../records/tasks/task-receipt.ts';

/** Workers that race, are killed as they write, or cannot write. */

const seeds = (count: number): readonly Params[] => Array.from({ length: count }, (_, at) => ({ seed: `s${at}` }));
const kept = (node: Node): readonly string[] => receiptNames(node.runDir).filter((name) => !name.startsWith('own.'));
const textOf = (node: Node, name: string): string => readFileSync(join(node.runDir, 'receipts', name), 'utf8');

const BUSY = 'for ((i = 0; i < 200000; i++)); do :; done';

/** An activation with which the whole job is killed just before it writes the first text that begins so, into an open file. */
function killedBefore(text: string): string {
  const is = `[[ "$1" = '%s\\n' && "$2" = '${text}'* ]]`;
  return `printf() { if ${is}; then kill -KILL -- -$$; sleep 9; fi; builtin printf "$@"; }\n`;
}

describe('workers that race', () => {
  it('begin each task once, also if all want the same ones in the same order (X1)', async () => {
    const count = 80;
    const node = makeElements(seeds(count));
    const script = tasksScript(`${MARK_LINE}; exit $((AUTOLAB_TASK_INDEX % 3))`);
    const starts = Array.from({ length: 8 }, (_, at) =>
      node.run(script, worker(0, count, { SLURM_ARRAY_JOB_ID: String(700 + at), SLURM_JOB_ID: String(800 + at) })),
    );

    expect(await Promise.all(starts)).toEqual(Array(8).fill({ status: 0, stdout: '', stderr: '' }));

    expect(begunTasks(node.runDir).map((line) => Number.parseInt(line, 10))).toEqual(seeds(count).map((_, at) => at));
    const ran = new Map(begunTasks(node.runDir).map((line) => line.split(' ') as [string, string]));
    for (const [index, job] of ran) {
      expect(parseTaskClaim(textOf(node, `claim.${index}.0`))?.job_id).toBe(job);
      expect(parseTaskExit(textOf(node, `${index}.exit`))?.exit_code).toBe(Number(index) % 3);
    }
  });
});

describe('a worker that is killed as it claims', () => {
  const claimed = async (requeue = '1'): Promise<Node> => {
    const node = makeElements(seeds(3));
    const script = tasksScript(MARK_LINE, { activation: killedBefore('{"kind":"element"') });
    const ended = await node.run(script, worker(0, 3, { AUTOLAB_REQUEUE: requeue }));
    expect(ended.status).toBeNull();
    expect(kept(node)).toEqual(['claim.0.0']);
    expect(statSync(join(node.runDir, 'receipts/claim.0.0')).size).toBe(0);
    return node;
  };

  it('leaves a claim without an owner: another worker does the other tasks', async () => {
    const node = await claimed();

    expect(await node.run(MARK_TASKS, worker(1, 3))).toEqual({ status: 0, stdout: '', stderr: '' });

    expect(begunTasks(node.runDir)).toEqual(['1 702', '2 702']);
    expect(kept(node).filter((name) => /^(?:0\.|claim\.0\.)/.test(name))).toEqual(['claim.0.0']);
    expect(parseTaskClaim(textOf(node, 'claim.0.0'))).toBeNull();
  });

  it('does not take it for its own once it is requeued (X1)', async () => {
    const node = await claimed();

    const again = await node.run(MARK_TASKS, worker(0, 3, { AUTOLAB_REQUEUE: '1', SLURM_RESTART_COUNT: '1' }));

    expect(again).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(begunTasks(node.runDir)).toEqual(['1 701', '2 701']);
    expect(kept(node)).not.toContain('claim.0.1');
  });
});

describe('a worker that is killed as it writes an end', () => {
  it('begins the task again once it is requeued, and writes over what was cut off', async () => {
    for (const cut of ['', '{"attempt":0,"exit_c']) {
      const node = makeElements(seeds(2));
      const script = tasksScript(MARK_LINE, { activation: killedBefore('{"attempt":0') });
      await node.run(script, worker(0, 2, { AUTOLAB_REQUEUE: '1' }));
      expect(kept(node)).toEqual(['0.exit', '0.started', 'claim.0.0']);
      writeFileSync(join(node.runDir, 'receipts/0.exit'), cut);

      await node.run(MARK_TASKS, worker(0, 2, { AUTOLAB_REQUEUE: '1', SLURM_RESTART_COUNT: '1' }));

      expect(begunTasks(node.runDir)).toEqual(['0 701', '0 701', '1 701']);
      expect(readTaskReceipt(node.runDir, '0.exit')).toMatchObject({ attempt: 1, exit_code: 0 });
    }
  });

  it('leaves what a task has written in its place', async () => {
    const node = makeElements(seeds(2));
    const script = tasksScript(MARK_LINE, { activation: killedBefore('{"attempt":0') });
    await node.run(script, worker(0, 2, { AUTOLAB_REQUEUE: '1' }));
    writeFileSync(join(node.runDir, 'receipts/0.exit'), 'something else');

    await node.run(MARK_TASKS, worker(0, 2, { AUTOLAB_REQUEUE: '1', SLURM_RESTART_COUNT: '1' }));

    expect(begunTasks(node.runDir)).toEqual(['0 701', '1 701']);
  });
});

it('begins nothing that it cannot write down, and leaves the other tasks to other workers', async () => {
  const node = makeElements(seeds(3));
  // As on a full disk: files can be made, and nothing can be written.
  const full = tasksScript(MARK_LINE, { activation: "trap '' XFSZ\nulimit -f 0\n" });

  expect((await node.run(full, worker(0, 3))).status).toBe(0);
  expect(begunTasks(node.runDir)).toEqual([]);
  expect(kept(node).filter((name) => name.startsWith('claim.'))).toEqual(['claim.0.0']);

  expect(await node.run(MARK_TASKS, worker(1, 3))).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(begunTasks(node.runDir)).toEqual(['1 702', '2 702']);
  expect(parseTaskClaim(textOf(node, 'claim.0.0'))).toBeNull();
});

describe('the two shells of a worker', () => {
  it('end together: without the batch shell nothing more begins', async () => {
    const node = makeElements(seeds(3));
    const go = join(node.runDir, 'go');
    const job = node.start(
      tasksScript(`${MARK_LINE}; until [ -e "$AUTOLAB_RUN_DIR/go" ]; do sleep 0.05; done`),
      worker(0, 3),
    );
    await until('the first task runs', () => begunTasks(node.runDir).length === 1);
    process.kill(job.pid, 'SIGKILL');
    await sleep(100);
    writeFileSync(go, '');

    await job.ended;
    await until('the first task has ended', () => kept(node).includes('0.exit'));
    await sleep(300);
    expect(begunTasks(node.runDir)).toEqual(['0 701']);
  });

  it('end the task if only the batch shell gets the signal', async () => {
    const node = makeElements(seeds(3));
    const line = `trap 'exit 9' TERM; ${MARK_LINE}; while :; do sleep 0.05; done`;
    const job = node.start(tasksScript(line), worker(0, 3));
    await until('the first task runs', () => begunTasks(node.runDir).length === 1);

    process.kill(job.pid, 'SIGTERM');

    expect((await job.ended).status).toBe(143);
    expect(readTaskReceipt(node.runDir, '0.exit')).toMatchObject({ exit_code: 9, signal: null, job_signal: 'SIGTERM' });
    expect(kept(node)).toEqual(['0.exit', '0.started', 'claim.0.0', 'element.700_0.0']);
    expect(readTaskReceipt(node.runDir, 'element.700_0.0')).toMatchObject({ why: 'signal', begun: 1, exit_code: 143 });
  });

  it('end as the script does in a task', async () => {
    const node = makeElements(seeds(3));
    const script = MARK_TASKS.replace(/^ {2}(autolab_run .*)$/m, '  $1\n  [ "$AUTOLAB_TASK_INDEX" != 1 ] || exit 5');

    expect((await node.run(script, worker(0, 3))).status).toBe(5);

    expect(begunTasks(node.runDir)).toEqual(['0 701', '1 701']);
    expect(readTaskReceipt(node.runDir, 'element.700_0.0')).toMatchObject({ begun: 2, exit_code: 5 });
  });

  it.each([
    ['', (body: string) => body],
    [
      ', if the script does other work, too',
      (body: string) => body.replace(/^ {2}(autolab_run .*)$/m, `  bash -c '${BUSY}'\n  $1`),
    ],
  ])('measure what each command takes, and nothing else%s', async (_, scriptOf) => {
    const node = makeElements(seeds(3));

    await node.run(scriptOf(tasksScript(`[ "$AUTOLAB_TASK_INDEX" != 1 ] || { ${BUSY}; }`)), worker(0, 3));

    const [first = 0, second, third = 0] = [0, 1, 2].map((at) =>
      Number(readTaskReceipt(node.runDir, `${at}.exit`)['cpu_seconds']),
    );
    expect(second).toBeGreaterThan(3 * Math.max(first, third));
  });
});
