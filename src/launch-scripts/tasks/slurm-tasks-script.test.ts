import { spawnSync } from 'node:child_process';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  begunTasks,
  element,
  makeElements,
  MARK_LINE,
  MARK_TASKS,
  readTaskReceipt,
  receiptNames,
  taskLog,
  tasksScript,
} from '../../../test/support/slurm-elements.ts';
import { fakeCommand, fakePath, type Node } from '../../../test/support/slurm-scripts.ts';
import { slurmTasksScript } from './slurm-tasks-script.ts';

/** An element of an array as bash runs it: one task. */

const SEEDS = [{ seed: '0' }, { seed: '1' }, { seed: '2' }];
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

async function until(what: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!what()) {
    if (Date.now() > end) throw new Error('waited for 20 s');
    await sleep(20);
  }
}

describe('the fence', () => {
  it('lets an element do its task, which leaves claim, start and exit', async () => {
    const node = makeElements(SEEDS);

    expect(await node.run(MARK_TASKS, element(1))).toEqual({ status: 0, stdout: '', stderr: '' });

    expect(begunTasks(node.runDir)).toEqual(['1 702']);
    expect(receiptNames(node.runDir)).toEqual(['1.exit', '1.started', 'claim.1.0']);
    expect(statSync(join(node.runDir, 'receipts/claim.1.0')).nlink).toBe(1);
    const claim = readTaskReceipt(node.runDir, 'claim.1.0');
    expect(claim).toMatchObject({
      kind: 'element',
      array_job_id: '700',
      array_task_id: 1,
      job_id: '702',
      restart_count: 0,
      node: 'n1',
    });
    const exit = readTaskReceipt(node.runDir, '1.exit');
    expect(exit).toMatchObject({
      attempt: 0,
      exit_code: 0,
      signal: null,
      ended_by: null,
      start_error: null,
      starts: { expected: 1, begun: 1 },
    });
    expect(exit['cpu_seconds']).toBeTypeOf('number');
    for (const time of [claim['claimed_at'], claim['element_started_at'], exit['started_at'], exit['ended_at']])
      expect(time).toMatch(TIME);
    expect(Math.abs(Date.parse(String(exit['ended_at'])) - Date.now())).toBeLessThan(60_000);
  });

  it('does not let the same element in twice, nor another one under its name', async () => {
    const node = makeElements(SEEDS);
    await node.run(MARK_TASKS, element(1));
    const exit = readTaskReceipt(node.runDir, '1.exit');

    const again = await node.run(MARK_TASKS, element(1, { AUTOLAB_REQUEUE: '1' }));
    const other = await node.run(
      MARK_TASKS,
      element(1, { AUTOLAB_REQUEUE: '1', SLURM_RESTART_COUNT: '1', SLURM_JOB_ID: '70' }),
    );

    expect([again.status, other.status]).toEqual([98, 98]);
    expect(begunTasks(node.runDir)).toEqual(['1 702']);
    expect(readTaskReceipt(node.runDir, '1.exit')).toEqual(exit);
    expect(receiptNames(node.runDir)).toEqual(['1.exit', '1.started', 'claim.1.0']);
  });

  it.each([
    ['receipt/closed', 'closed'],
    ['receipt/claim', 'closed'],
    ['receipts/stop', 'stop'],
    ['receipts/cancel.1', 'cancel'],
  ])('lets nothing begin once %s is there', async (file, reason) => {
    const node = makeElements(SEEDS);
    writeFileSync(join(node.runDir, file), '{}\n');

    const ended = await node.run(MARK_TASKS, element(1));

    expect(ended.status).toBe(98);
    expect(ended.stderr).toContain(`task 1 may not begin (${reason})`);
    expect(begunTasks(node.runDir)).toEqual([]);
    expect(receiptNames(node.runDir).filter((name) => /claim|exit|started/.test(name))).toEqual([]);
  });

  it.each(['receipts/stop', 'receipts/cancel.1'])('looks for %s once more after its activation', async (file) => {
    const node = makeElements(SEEDS);

    const ended = await node.run(
      tasksScript(MARK_LINE, { activation: `touch "$AUTOLAB_RUN_DIR/${file}"\n` }),
      element(1),
    );

    expect(ended.status).toBe(98);
    expect(begunTasks(node.runDir)).toEqual([]);
    expect(readTaskReceipt(node.runDir, '1.exit')).toMatchObject({
      ended_by: 'request',
      started_at: null,
      exit_code: null,
    });
  });

  it('believes the inode, not what ln says', async () => {
    const node = makeElements(SEEDS);
    fakeCommand(node, 'ln', '/bin/ln "$@"; exit 1');
    expect(await node.run(MARK_TASKS, element(0, fakePath(node)))).toMatchObject({ status: 0, stderr: '' });
    fakeCommand(node, 'ln', 'exit 0');
    expect((await node.run(MARK_TASKS, element(1, fakePath(node)))).status).toBe(98);
    expect(begunTasks(node.runDir)).toEqual(['0 701']);
  });

  it.each(['SLURM_JOB_ID', 'SLURM_ARRAY_JOB_ID', 'SLURM_ARRAY_TASK_ID', 'AUTOLAB_CHUNK_OFFSET', 'AUTOLAB_RUN_DIR'])(
    'refuses to start without %s',
    async (name) => {
      const node = makeElements(SEEDS);
      const ended = await node.run(MARK_TASKS, element(0, { [name]: '' }));
      expect(ended.status).toBe(96);
      expect(ended.stderr).toMatch(new RegExp(`^autolab: ${name} is not set.*; start this with: autolab launch\\n$`));
      expect(receiptNames(node.runDir)).toEqual([]);
    },
  );

  it('takes the task at the offset of its chunk', async () => {
    const node = makeElements(SEEDS);
    await node.run(MARK_TASKS, element(0, { AUTOLAB_CHUNK_OFFSET: '2' }));
    expect(begunTasks(node.runDir)).toEqual(['2 701']);
  });

  it('lets one of twenty copies begin each of their tasks (X1)', async () => {
    const node = makeElements(SEEDS);

    const ends = await Promise.all(
      Array.from({ length: 21 }, (_, copy) =>
        node.run(
          MARK_TASKS,
          element(copy % 3, { SLURM_ARRAY_JOB_ID: String(800 + copy), SLURM_JOB_ID: String(900 + copy) }),
        ),
      ),
    );

    expect(ends.map((end) => end.status).sort()).toEqual([0, 0, 0, ...Array<number>(18).fill(98)]);
    expect(begunTasks(node.runDir).map((line) => line.split(' ')[0])).toEqual(['0', '1', '2']);
    expect(receiptNames(node.runDir)).toHaveLength(9);
    for (const end of ends)
      if (end.status === 98) expect(end.stderr).toMatch(/^autolab: task \d is claimed by \{"kind":"element"/);
  });
});

describe('a requeued element', () => {
  const again = (restart: number, more = {}): Readonly<Record<string, string>> =>
    element(1, { AUTOLAB_REQUEUE: '1', SLURM_RESTART_COUNT: String(restart), ...more });

  /** What a start leaves that was killed. */
  async function cutShort(): Promise<Node> {
    const node = makeElements(SEEDS);
    await node.run(MARK_TASKS, again(0, { SLURM_RESTART_COUNT: '' }));
    rmSync(join(node.runDir, 'receipts/1.exit'));
    return node;
  }

  it('begins its task once more for each start, and keeps the log of the one before', async () => {
    const node = await cutShort();
    const script = tasksScript(`${MARK_LINE}; echo out; echo err >&2`);

    const ends = await Promise.all([1, 2, 3].map(() => node.run(script, again(1))));

    expect(ends.map((end) => end.status).sort()).toEqual([0, 98, 98]);
    expect(begunTasks(node.runDir)).toEqual(['1 702', '1 702']);
    expect(receiptNames(node.runDir)).toEqual(['1.exit', '1.started', 'claim.1.0', 'claim.1.1']);
    expect(readTaskReceipt(node.runDir, 'claim.1.1')).toMatchObject({ restart_count: 1 });
    expect(readTaskReceipt(node.runDir, '1.exit')).toMatchObject({ attempt: 1 });
    expect(taskLog(node.runDir, 1)).toBe('\nautolab: attempt 2 of this task begins here\nout\n');
    expect(taskLog(node.runDir, 1, 'stderr.log')).toBe('\nautolab: attempt 2 of this task begins here\nerr\n');
  });

  it('begins it although a start in between never came that far', async () => {
    const node = await cutShort();
    expect((await node.run(MARK_TASKS, again(3))).status).toBe(0);
    expect(readTaskReceipt(node.runDir, 'claim.1.1')).toMatchObject({ restart_count: 3 });
  });

  it.each([
    ['if the design does not say so', { AUTOLAB_REQUEUE: '0' }],
    ['of another array', { SLURM_ARRAY_JOB_ID: '500' }],
    ['of another id', { SLURM_JOB_ID: '501' }],
    ['that counts no restart, as after a crash of the controller', { SLURM_RESTART_COUNT: '0' }],
  ])('does not begin it %s', async (_, more) => {
    const node = await cutShort();
    expect((await node.run(MARK_TASKS, again(1, more))).status).toBe(98);
    expect(begunTasks(node.runDir)).toEqual(['1 702']);
  });

  it('does not begin a task again that ended by itself', async () => {
    const node = makeElements(SEEDS);
    await node.run(tasksScript(`${MARK_LINE}; exit 3`), again(0));
    expect((await node.run(MARK_TASKS, again(1))).status).toBe(98);
    expect(readTaskReceipt(node.runDir, '1.exit')).toMatchObject({ exit_code: 3 });
  });

  it('begins a task again that Slurm had ended', async () => {
    const node = makeElements(SEEDS);
    const job = node.start(tasksScript(`${MARK_LINE}; exec sleep 60`), again(0));
    await until(() => begunTasks(node.runDir).length === 1);
    process.kill(-job.pid, 'SIGTERM');
    expect((await job.ended).status).toBe(143);
    expect(readTaskReceipt(node.runDir, '1.exit')).toMatchObject({
      exit_code: null,
      signal: 'SIGTERM',
      job_signal: 'SIGTERM',
    });

    expect((await node.run(MARK_TASKS, again(1))).status).toBe(0);

    expect(readTaskReceipt(node.runDir, '1.exit')).toMatchObject({ attempt: 1, exit_code: 0 });
  });
});

describe('a task', () => {
  it('has its values, folder and logs, whatever they are', async () => {
    const nasty = 'a\nb $(touch x) `y` "q" \'s\' {{z}} \\n \u001b[31m -- ../ \u001f ü ';
    const node = makeElements([
      { seed: '0', text: 'x' },
      { seed: '', text: nasty },
    ]);
    const script = tasksScript(
      `${MARK_LINE}; printf '%s|' "$@"; printf '%s' "$AUTOLAB_TASK_PARAMS" >&2; pwd > "$AUTOLAB_TASK_DIR/here"`,
      {
        words: ['bash', '{{task.seed}}', '{{task.text}}', '{{task.index}}', '{{task_dir}}'],
      },
    );

    expect(await node.run(script, element(1))).toEqual({ status: 0, stdout: '', stderr: '' });

    expect(taskLog(node.runDir, 1)).toBe(`|${nasty}|1|${node.runDir}/tasks/1|`);
    expect(JSON.parse(taskLog(node.runDir, 1, 'stderr.log'))).toEqual({ seed: '', text: nasty });
  });

  it.each([
    ['exit 3', 3, 3],
    ['kill -9 $$', 137, 137],
  ])('leaves how it ended: %s', async (line, status, code) => {
    const node = makeElements(SEEDS);

    expect((await node.run(tasksScript(line), element(0))).status).toBe(status);

    expect(readTaskReceipt(node.runDir, '0.exit')).toMatchObject({ exit_code: code, signal: null, ended_by: null });
  });
});

describe('the text', () => {
  it('is read by bash alone, and has nothing that came after bash 4.2', () => {
    const text = slurmTasksScript(['seed'], 10);
    expect(spawnSync('bash', ['-n', '-s'], { input: text, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    expect(text).not.toMatch(/wait -[nfp]|\$\{\w+@|\[-\d|EPOCH|mapfile -d|\blocal -n\b/);
  });
});
