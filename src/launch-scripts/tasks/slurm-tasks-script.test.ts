import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { until } from '../../../test/support/project.ts';
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
  worker,
} from '../../../test/support/slurm-elements.ts';
import { fakeCommand, fakePath, type Node, signalledAsItWaits } from '../../../test/support/slurm-scripts.ts';
import { parseElementReceipt } from '../../records/tasks/element-receipt.ts';
import { slurmTasksScript } from './slurm-tasks-script.ts';

/** An element of an array as bash runs it: one task. */

const SEEDS = [{ seed: '0' }, { seed: '1' }, { seed: '2' }];
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

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

  it.each([
    ['at once', 'exec sleep 60'],
    ['one process after the other', 'kill -TERM $$'],
  ])('begins a task again that Slurm had ended %s', async (how, line) => {
    const node = makeElements(SEEDS);
    if (how !== 'at once') signalledAsItWaits(node, 'TERM');
    const job = node.start(tasksScript(`${MARK_LINE}; ${line}`), again(0, fakePath(node)));
    await until('the node is that far', () => begunTasks(node.runDir).length === 1);
    if (how === 'at once') process.kill(-job.pid, 'SIGTERM');
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

describe('the script around a task', () => {
  it.each([
    ['traces itself into stdout', 'BASH_XTRACEFD=1\nset -x\n'],
    [
      'makes functions called as the programs',
      'for name in date mv ln mkdir rm tee sleep kill; do eval "$name() { echo never; return 1; }"; done\n',
    ],
    [
      'makes variables that cannot be set',
      'readonly index=a attempt=b name=c row=d at=e PS4=f claim=g seen=h words=i\n',
    ],
    ['splits words elsewhere', 'IFS=0123456789t.\nset -f\nshopt -s nullglob extglob nocasematch\n'],
    ['never overwrites', 'set -C\n'],
    ['has another PATH and folder', 'cd /; PATH=/nowhere:"$PATH"\n'],
    ['sets its own traps', `trap 'echo cleaned > "$AUTOLAB_RUN_DIR/cleaned"' EXIT\n`],
  ])('has no effect on it if the activation %s', async (_, activation) => {
    const node = makeElements([{ seed: '0t.0' }, { seed: 'b' }]);
    const script = tasksScript(`${MARK_LINE}; printf '%s\\n' "$1" >> "$AUTOLAB_TASK_DIR/out"; exit 7`, {
      activation,
      words: ['bash', '{{task.seed}}'],
    });

    const one = await node.run(script, element(0));
    const both = await node.run(script, worker(1, 2));

    expect([one.status, both.status]).toEqual([7, 0]);
    expect(begunTasks(node.runDir)).toEqual(['0 701', '1 702']);
    expect(readFileSync(join(node.runDir, 'tasks/0/out'), 'utf8')).toBe('0t.0\n');
    for (const index of [0, 1])
      expect(readTaskReceipt(node.runDir, `${index}.exit`)).toMatchObject({ exit_code: 7, starts: { begun: 1 } });
    expect(receiptNames(node.runDir)).toEqual(
      ['0', '1']
        .flatMap((index) => [`${index}.exit`, `${index}.started`])
        .concat('claim.0.0', 'claim.1.0', 'element.700_1.0'),
    );
    expect(existsSync(join(node.runDir, 'cleaned'))).toBe(activation.startsWith('trap'));
  });

  it.each([
    ['fails', 'true\nfalse\n', 1, 'left', 'the script ended with 1 before the task began'],
    ['ends the script', 'exit 0\n', 0, 'left', 'the script ended with 0 before the task began'],
    ['is told to end', 'kill -TERM $$\n', 143, 'signal', 'its job was told to end before it began'],
  ])('says why the task did not begin if the activation %s', async (_, activation, status, why, error) => {
    const node = makeElements(SEEDS);

    expect((await node.run(tasksScript(MARK_LINE, { activation }), element(2))).status).toBe(status);

    expect(begunTasks(node.runDir)).toEqual([]);
    expect(readTaskReceipt(node.runDir, '2.exit')).toMatchObject({
      exit_code: null,
      start_error: error,
      started_at: null,
    });
    const text = readFileSync(join(node.runDir, 'receipts/element.700_2.0'), 'utf8');
    expect(parseElementReceipt(text)).toMatchObject({ task: 2, why, exit_code: status, begun: 0, array_job_id: '700' });
  });

  it('checks the code for each element, and starts nothing if it changed', async () => {
    const node = makeElements(SEEDS);
    writeFileSync(join(node.runDir, 'code.sha256'), `${'0'.repeat(64)}  gone.py\n`);

    const ended = await node.run(MARK_TASKS, element(0));

    expect(ended.status).toBe(97);
    expect(begunTasks(node.runDir)).toEqual([]);
    expect(readTaskReceipt(node.runDir, 'element.700_0.0')).toMatchObject({ why: 'code_changed' });
    expect(readTaskReceipt(node.runDir, '0.exit')).toMatchObject({ start_error: 'the code is not what was approved' });
  });

  it('checks the data for each element, each with a file of its own', async () => {
    const node = makeElements(SEEDS);
    const check =
      'echo "changed: $SLURM_JOB_ID" > "$autolab_said"; [ "$SLURM_JOB_ID" != 701 ] || exit 94; rm -- "$autolab_said"\n';
    writeFileSync(join(node.receipt, 'inputs.sh'), check);

    const ends = await Promise.all([0, 1].map((number) => node.run(MARK_TASKS, element(number))));

    expect(ends.map(({ status }) => status)).toEqual([94, 0]);
    expect(begunTasks(node.runDir)).toEqual(['1 702']);
    expect(readFileSync(join(node.receipt, 'inputs_changed'), 'utf8')).toBe('changed: 701\n');
    expect(readTaskReceipt(node.runDir, 'element.700_0.0')).toMatchObject({ why: 'inputs_changed' });
  });

  it('writes down once what the tasks find', async () => {
    const node = makeElements(SEEDS);
    writeFileSync(join(node.receipt, 'environment.sh'), 'echo once >> "$AUTOLAB_RUN_DIR/environment"\n');
    await Promise.all([0, 1, 2].map((number) => node.run(MARK_TASKS, element(number))));
    expect(readFileSync(join(node.runDir, 'environment'), 'utf8')).toBe('once\n');
    expect(begunTasks(node.runDir)).toHaveLength(3);
  });

  it('counts what srun starts, and starts none twice', async () => {
    const node = makeElements(SEEDS);
    fakeCommand(
      node,
      'srun',
      'while [ "$1" != -- ]; do shift; done; shift\nfor id in 0 1 0; do SLURM_PROCID=$id SLURM_STEP_ID=0 "$@"; done',
    );
    const script = MARK_TASKS.replace(/^ {2}autolab_run /m, '  autolab_run srun --ntasks=2 -- ');

    const ended = await node.run(script, element(0, { ...fakePath(node), AUTOLAB_TASKS: '2' }));

    expect(ended.status).toBe(98);
    expect(begunTasks(node.runDir)).toEqual(['0 701', '0 701']);
    expect(taskLog(node.runDir, 0, 'stderr.log')).toContain('autolab: task 0 is not started');
    expect(readTaskReceipt(node.runDir, '0.exit')).toMatchObject({ starts: { expected: 2, begun: 2 } });
  });

  it('starts one command of a task', async () => {
    const node = makeElements(SEEDS);
    const script = MARK_TASKS.replace(/^ {2}(autolab_run .*)$/m, '  $1\n  $1');
    expect((await node.run(script, element(0))).status).toBe(98);
    expect(begunTasks(node.runDir)).toEqual(['0 701']);
    expect(readTaskReceipt(node.runDir, '0.exit')).toMatchObject({ exit_code: 0 });
  });
});

it('ends a task whose end is requested, without a driver', async () => {
  const node = makeElements(SEEDS, 60);
  const job = node.start(tasksScript(`${MARK_LINE}; sleep 60`), element(1));
  await until('the node is that far', () => begunTasks(node.runDir).length === 1);
  writeFileSync(join(node.runDir, 'receipts/cancel.1'), '{}\n');

  expect(await job.ended).toMatchObject({ status: 143, stderr: '' });
  const exit = { ended_by: 'request', signal: 'SIGTERM', exit_code: null };
  expect(readTaskReceipt(node.runDir, '1.exit')).toMatchObject(exit);
});

describe('the text', () => {
  it('is read by bash alone, and has nothing that came after bash 4.2', () => {
    const text = slurmTasksScript(['seed'], 10);
    expect(spawnSync('bash', ['-n', '-s'], { input: text, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    expect(text).not.toMatch(/wait -[nfp]|\$\{\w+@|\[-\d|EPOCH|mapfile -d|\blocal -n\b/);
  });
});
