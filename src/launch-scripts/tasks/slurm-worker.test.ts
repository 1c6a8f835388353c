import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  taskLog,
  tasksScript,
  worker,
} from '../../../test/support/slurm-elements.ts';
import { fakePath, type Node, signalledAsItWaits } from '../../../test/support/slurm-scripts.ts';
import { receiptNameOf } from '../../records/tasks/task-files.ts';

/** Elements that share the tasks, as bash runs them. */

const seeds = (count: number): readonly Params[] => Array.from({ length: count }, (_, at) => ({ seed: `s${at}` }));

function names(node: Node, kind: string): readonly string[] {
  return receiptNames(node.runDir).filter((name) => receiptNameOf(name)?.kind === kind);
}

const elementReceipt = (node: Node, number = 0, restart = 0): Readonly<Record<string, unknown>> =>
  readTaskReceipt(node.runDir, `element.700_${number}.${restart}`);

describe('workers', () => {
  it('begin each task once, whoever takes it, also with a second copy of the array (X1)', async () => {
    const count = 60;
    const node = makeElements(seeds(count));
    const script = tasksScript(`${MARK_LINE}; echo "$1"; exit $((AUTOLAB_TASK_INDEX % 3))`, {
      words: ['bash', '{{task.seed}}'],
    });
    const copies = [0, 1, 2, 3, 4, 5].map((number) =>
      node.run(script, {
        ...worker(number % 3, count, { SLURM_ARRAY_TASK_COUNT: '3' }),
        ...(number < 3 ? {} : { SLURM_ARRAY_JOB_ID: '800', SLURM_JOB_ID: String(810 + number) }),
      }),
    );

    const ends = await Promise.all(copies);

    expect(ends).toEqual(Array(6).fill({ status: 0, stdout: '', stderr: '' }));
    expect(begunTasks(node.runDir).map((line) => Number.parseInt(line, 10))).toEqual(seeds(count).map((_, at) => at));
    for (const kind of ['claim', 'started', 'exit']) expect(names(node, kind)).toHaveLength(count);
    for (const at of [0, 31, 59]) {
      expect(readTaskReceipt(node.runDir, `${at}.exit`)).toMatchObject({ attempt: 0, exit_code: at % 3 });
      expect(taskLog(node.runDir, at)).toBe(`s${at}\n`);
    }
    const elements = receiptNames(node.runDir).filter((name) => name.startsWith('element.'));
    expect(elements).toHaveLength(6);
    const begun = elements.map((name) => Number(readTaskReceipt(node.runDir, name)['begun']));
    expect(begun.reduce((sum, one) => sum + one)).toBe(count);
    expect(receiptNames(node.runDir).filter((name) => name.startsWith('own.'))).toEqual([]);
  });

  it('write over the files of the task in hand, which a file system would write out at once if they were cut', async () => {
    const node = makeElements(seeds(3));
    const own = '"$AUTOLAB_RUN_DIR"/receipts/own.*';
    const body = `stat -c '%i %s' ${own}/task.pid ${own}/times ${own}/now`;

    const ended = await node.run(tasksScript(body), worker(0, 3));

    expect(ended.status).toBe(0);
    const files = [0, 1, 2].map((index) => taskLog(node.runDir, index).trim().split(/\s/).map(Number));
    const [first = [], second = [], third = []] = files;
    expect(first).toHaveLength(6);
    for (const [before, after] of [[first, second] as const, [second, third] as const])
      expect(after.every((number, at) => (at % 2 === 0 ? number === before[at] : number >= (before[at] ?? 0)))).toBe(
        true,
      );
  });

  it('go on after a task that killed its parent shell', async () => {
    const node = makeElements(seeds(4));
    const body = `${MARK_LINE}; [ "$AUTOLAB_TASK_INDEX" != 1 ] || kill -KILL "$PPID" $$`;

    const ended = await node.run(tasksScript(body), worker(0, 4));

    expect(ended.status).toBe(0);
    expect(begunTasks(node.runDir)).toEqual(['0 701', '1 701', '2 701', '3 701']);
    expect([0, 1, 2, 3].map((index) => readTaskReceipt(node.runDir, `${index}.exit`)['exit_code'])).toEqual([
      0, 137, 0, 0,
    ]);
    expect(readTaskReceipt(node.runDir, '1.exit')['cpu_seconds']).toBeNull();
    expect(readTaskReceipt(node.runDir, '2.exit')['cpu_seconds']).not.toBeNull();
    expect(elementReceipt(node)).toMatchObject({ why: 'none_left', begun: 4, exit_code: 0 });
  });

  it('leave no end of a task that was killed just before them, as Slurm kills a job', async () => {
    const node = makeElements(seeds(2));
    signalledAsItWaits(node, 'KILL');

    const ended = await node.run(tasksScript('kill -KILL $$'), worker(0, 2, fakePath(node)));

    expect(ended.status).toBeNull();

    expect(receiptNames(node.runDir).filter((name) => !name.startsWith('own.'))).toEqual(['0.started', 'claim.0.0']);
  });

  it.each([
    ['', ''],
    [', also if the activation splits words elsewhere', 'IFS=0123456789\n'],
  ])('end a task at its time limit, with all its processes, and go on%s', async (_, activation) => {
    const node = makeElements(seeds(3), 2);
    const stubborn = `trap '' TERM; (trap '' TERM; exec sleep 71.5) & sleep 72.5 & while :; do wait; done`;
    const script = tasksScript(
      `${MARK_LINE}; case $AUTOLAB_TASK_INDEX in 0) ${stubborn} ;; 1) (trap '' TERM; exec sleep 74.5) & sleep 73.5 ;; esac`,
      { activation },
    );

    // The last task ends within it, and the first one has its trap by then, also on a busy machine.
    const ended = await node.run(script, worker(0, 3, { AUTOLAB_TASK_SECONDS: '4' }));

    expect(ended).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(readTaskReceipt(node.runDir, '0.exit')).toMatchObject({
      ended_by: 'time_limit',
      exit_code: null,
      signal: 'SIGKILL',
    });
    expect(readTaskReceipt(node.runDir, '1.exit')).toMatchObject({
      ended_by: 'time_limit',
      exit_code: null,
      signal: 'SIGTERM',
    });
    expect(readTaskReceipt(node.runDir, '2.exit')).toMatchObject({ ended_by: null, exit_code: 0 });
    await until('the node is that far', () => !commands().some((line) => /^sleep.7[1234]\.5/.test(line)));
  });

  it('end a task whose end is requested, and skip one that has not begun', async () => {
    const node = makeElements(seeds(3), 60);
    const job = node.start(tasksScript(`${MARK_LINE}; [ "$AUTOLAB_TASK_INDEX" != 0 ] || exec sleep 60`), worker(0, 3));
    await until('the node is that far', () => begunTasks(node.runDir).length === 1);

    // The one that runs last: the next one begins when it has ended.
    for (const index of [1, 0]) writeFileSync(join(node.runDir, `receipts/cancel.${index}`), '{}\n');

    expect(await job.ended).toMatchObject({ status: 0, stderr: '' });
    expect(readTaskReceipt(node.runDir, '0.exit')).toMatchObject({ ended_by: 'request', signal: 'SIGTERM' });
    expect(names(node, 'claim')).toEqual(['claim.0.0', 'claim.2.0']);
  });

  it('take no task once the run is stopped', async () => {
    const node = makeElements(seeds(4));

    const ended = await node.run(
      tasksScript(`${MARK_LINE}; [ "$AUTOLAB_TASK_INDEX" != 1 ] || touch "$AUTOLAB_RUN_DIR/receipts/stop"`),
      worker(0, 4),
    );

    expect(ended.status).toBe(0);
    expect(names(node, 'claim')).toEqual(['claim.0.0', 'claim.1.0']);
    expect(readTaskReceipt(node.runDir, '1.exit')).toMatchObject({ exit_code: 0 });
    expect(elementReceipt(node)).toMatchObject({ why: 'stop', begun: 2, task: null, exit_code: 0 });
  });

  it.each([
    ['its own limit', { AUTOLAB_WORKER_SECONDS: '300' }],
    ['what Slurm says', { SLURM_JOB_END_TIME: String(Math.round(Date.now() / 1000) + 300) }],
  ])('take no second task for which the time is too short: %s', async (_, more) => {
    const node = makeElements(seeds(3));
    await node.run(MARK_TASKS, worker(0, 3, { AUTOLAB_TASK_SECONDS: '900', ...more }));
    expect(begunTasks(node.runDir)).toEqual(['0 701']);
    expect(elementReceipt(node)).toMatchObject({ why: 'time', begun: 1 });
  });

  it('say why nothing began', async () => {
    const node = makeElements(seeds(3));
    const ended = await node.run(tasksScript(MARK_LINE, { activation: 'true\nfalse\n' }), worker(0, 3));
    expect(ended.status).toBe(1);
    expect(receiptNames(node.runDir)).toEqual(['element.700_0.0']);
    expect(elementReceipt(node)).toMatchObject({ why: 'left', begun: 0, exit_code: 1, array_job_id: '700' });
    expect(elementReceipt(node)['line']).toBeTypeOf('number');
  });

  it('leave the receipt of the task in hand if the job is told to end, and take no other', async () => {
    const node = makeElements(seeds(3));
    const job = node.start(tasksScript(`${MARK_LINE}; [ "$AUTOLAB_TASK_INDEX" = 0 ] || exec sleep 60`), worker(0, 3));
    await until('the node is that far', () => begunTasks(node.runDir).length === 2);

    process.kill(-job.pid, 'SIGTERM');

    expect((await job.ended).status).toBe(143);
    expect(readTaskReceipt(node.runDir, '0.exit')).toMatchObject({ exit_code: 0 });
    expect(readTaskReceipt(node.runDir, '1.exit')).toMatchObject({ signal: 'SIGTERM', job_signal: 'SIGTERM' });
    expect(elementReceipt(node)).toMatchObject({ why: 'signal', exit_code: 143 });
    expect(names(node, 'claim')).toHaveLength(2);
  });

  it('pass USR1 on to the task in hand, and go on', async () => {
    const node = makeElements(seeds(2));
    const line = `trap 'exit 5' USR1; ${MARK_LINE}; [ "$AUTOLAB_TASK_INDEX" = 1 ] || while :; do sleep 0.05; done`;
    const job = node.start(tasksScript(line), worker(0, 2));
    await until('the node is that far', () => begunTasks(node.runDir).length === 1);

    process.kill(job.pid, 'SIGUSR1');

    expect((await job.ended).status).toBe(0);
    expect(readTaskReceipt(node.runDir, '0.exit')).toMatchObject({ exit_code: 5, signals: [{ signal: 'SIGUSR1' }] });
    expect(readTaskReceipt(node.runDir, '1.exit')).toMatchObject({ exit_code: 0, signals: [] });
  });
});

describe('a requeued worker', () => {
  it('begins first what it had in hand, and what nobody has after that', async () => {
    const node = makeElements(seeds(5));
    const job = node.start(tasksScript(`${MARK_LINE}; [ "$AUTOLAB_TASK_INDEX" = 0 ] || exec sleep 60`), worker(0, 5));
    await until(
      'the node is that far',
      () => begunTasks(node.runDir).length === 2 && existsSync(join(node.runDir, 'receipts/1.started')),
    );
    // A claim that another element holds.
    const other = {
      kind: 'element',
      array_job_id: '700',
      array_task_id: 1,
      job_id: '702',
      restart_count: 0,
      node: 'n1',
    };
    writeFileSync(
      join(node.runDir, 'receipts/claim.3.0'),
      `${JSON.stringify({ ...other, claimed_at: '2026-01-01T00:00:00Z' })}\n`,
    );
    process.kill(-job.pid, 'SIGKILL');
    await job.ended;

    const again = await node.run(MARK_TASKS, worker(0, 5, { AUTOLAB_REQUEUE: '1', SLURM_RESTART_COUNT: '1' }));

    expect(again).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(begunTasks(node.runDir)).toEqual(['0 701', '1 701', '1 701', '2 701', '4 701']);
    expect(names(node, 'claim')).toEqual([
      'claim.0.0',
      'claim.1.0',
      'claim.1.1',
      'claim.2.0',
      'claim.3.0',
      'claim.4.0',
    ]);
    expect(readTaskReceipt(node.runDir, '1.exit')).toMatchObject({ attempt: 1, exit_code: 0 });
  });

  it('begins each attempt once, whenever it is killed (X1)', async () => {
    const count = 40;
    const node = makeElements(seeds(count));
    // A start does a few tasks at the most, so that it is killed at work.
    const script = tasksScript(
      `${MARK_LINE}; sleep 0.01; [ "$(ls "$AUTOLAB_RUN_DIR/receipts" | grep -c 'exit$')" -lt "$MOST_EXITS" ] || sleep 600`,
    );
    const requeued = (restart: number, most = count + 1): Readonly<Record<string, string>> =>
      worker(0, count, { AUTOLAB_REQUEUE: '1', SLURM_RESTART_COUNT: String(restart), MOST_EXITS: String(most) });
    for (let restart = 0; restart < 6; restart += 1) {
      const ends = names(node, 'exit').length;
      const job = node.start(script, requeued(restart, ends + 6));
      await until('the node is that far', () => names(node, 'exit').length > ends + 2);
      await sleep(Math.random() * 30);
      process.kill(-job.pid, 'SIGKILL');
      await job.ended;
    }

    expect(await node.run(script, requeued(6))).toMatchObject({ status: 0, stderr: '' });

    expect(names(node, 'exit')).toHaveLength(count);
    const begun = begunTasks(node.runDir).map((line) => Number.parseInt(line, 10));
    for (const index of seeds(count).keys()) {
      const attempts = names(node, 'claim').filter((name) => name.startsWith(`claim.${index}.`)).length;
      const starts = begun.filter((one) => one === index).length;
      // A start that was killed may have come no further than its claim.
      expect(starts).toBeGreaterThan(0);
      expect(starts).toBeLessThanOrEqual(attempts);
      expect(readTaskReceipt(node.runDir, `${index}.exit`)['attempt']).toBe(attempts - 1);
    }
  });

  it('leaves it to its end if the design does not say so', async () => {
    const node = makeElements(seeds(2));
    await node.run(MARK_TASKS, worker(0, 1));
    rmSync(join(node.runDir, 'receipts/0.exit'));
    await node.run(MARK_TASKS, worker(0, 2, { SLURM_RESTART_COUNT: '1' }));
    expect(begunTasks(node.runDir)).toEqual(['0 701', '1 701']);
  });
});

/** Command lines of all processes, with blanks between their words. */
function commands(): readonly string[] {
  return readdirSync('/proc').flatMap((name) => {
    try {
      return /^\d+$/.test(name) ? [readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ')] : [];
    } catch {
      return [];
    }
  });
}
