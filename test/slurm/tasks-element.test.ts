import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { receiptNameOf } from '../../src/records/tasks/task-files.ts';
import { keepUntilEnd, until } from '../support/project.ts';
import { SLOW_MS } from '../support/runs.ts';
import { becomes, type Cluster, describeOnSlurm, onCluster, sharedCluster, shown } from '../support/slurm.ts';
import {
  begunTasks,
  makeElements,
  MARK_LINE,
  readTaskReceipt,
  receiptNames,
  taskLog,
  tasksScript,
} from '../support/slurm-elements.ts';
import { beginAgain, slurm, untilSlurm } from '../support/slurm-project.ts';
import type { Node } from '../support/slurm-scripts.ts';

/** Arrays of the script for many tasks, submitted by hand: what their elements leave (X1, X9). */

/** A task waits for a file of its index. */
const WAIT_FOR_FILE = 'until [ -e "$AUTOLAB_RUN_DIR/go.$AUTOLAB_TASK_INDEX" ]; do sleep 0.1; done';

let cluster: Cluster;

/** The folder, the array id, and the script's job of elements; `plays` begin together, because Slurm takes its time. */
interface Play {
  readonly node: Node;
  readonly ids: readonly string[];
}

const PLAYS = {
  'two arrays': () => submitted(8, MARK_LINE, [['--array=0-7'], ['--array=0-7']]),
  requeue: () =>
    submitted(2, `${MARK_LINE}; ${WAIT_FOR_FILE}`, [['--array=0-1', '--requeue']], { AUTOLAB_REQUEUE: '1' }),
  scancel: () => submitted(3, `${MARK_LINE}; sleep 300`, [['--array=0-2']]),
  'time limit': () => submitted(1, `${MARK_LINE}; sleep 300`, [['--array=0-0']]),
  memory: () => submitted(1, `${MARK_LINE}; head -c 400M /dev/zero | tail -n 1`, [['--array=0-0', '--mem=60M']]),
  workers: () =>
    submitted(
      12,
      `${MARK_LINE}; if [ "$AUTOLAB_TASK_INDEX" = 3 ]; then ${WAIT_FOR_FILE}; fi`,
      [['--array=0-1', '--requeue']],
      {
        AUTOLAB_REQUEUE: '1',
        AUTOLAB_TASK_WORKERS: '1',
        AUTOLAB_TASK_COUNT: '12',
      },
    ),
} as const satisfies Record<string, () => Promise<Play>>;
type Name = keyof typeof PLAYS;

const plays = new Map<string, Promise<Play>>();

async function play(name: Name): Promise<Play> {
  const begun = plays.get(name);
  if (begun === undefined) throw new Error(name);
  return begun;
}

/** Held until all are in the queue. */
async function submitted(
  count: number,
  line: string,
  arrays: readonly (readonly string[])[],
  more: Readonly<Record<string, string>> = {},
): Promise<Play> {
  const node = makeElements(Array.from({ length: count }, (_, at) => ({ seed: `s${at}` })));
  keepUntilEnd(dirname(node.root));
  const file = join(node.receipt, 'run_slurm.sbatch');
  writeFileSync(file, tasksScript(line));
  const env = {
    ...cluster.env,
    AUTOLAB_RUN_ID: 'r1',
    AUTOLAB_ITERATION_ID: 'iter1',
    AUTOLAB_RUN_DIR: node.runDir,
    AUTOLAB_REPO_ROOT: node.root,
    AUTOLAB_CHUNK_OFFSET: '0',
    AUTOLAB_TASKS: '1',
    ...more,
  };
  const common = [
    '--parsable',
    '--hold',
    '--output=/dev/null',
    '--error=/dev/null',
    '--time=5',
    '--mem=60M',
    '--cpus-per-task=1',
  ];
  const ids = arrays.map((options) => slurm(env, ['sbatch', ...common, ...options, file]).trim());
  for (const id of ids) await onCluster(cluster, ['scontrol', 'release', id]);
  return { node, ids };
}

function has(node: Node, name: string): boolean {
  return existsSync(join(node.runDir, 'receipts', name));
}

function claims(node: Node): readonly string[] {
  return receiptNames(node.runDir).filter((name) => receiptNameOf(name)?.kind === 'claim');
}

/** State and exit code of an element, as accounting has them at its end. */
async function endOf(element: string): Promise<string> {
  const argv = ['sacct', '-j', element, '-X', '--noheader', '--parsable2', '--format=JobID,State,ExitCode,End'];
  const wanted = new RegExp(`^(${element}\\|(?!PENDING|RUNNING|REQUEUED)[^|]*\\|[^|]*)\\|(?!Unknown)`, 'm');
  const said = await becomes(async () => (await onCluster(cluster, argv)).stdout, wanted);
  return wanted.exec(said)?.[1] ?? '';
}

describeOnSlurm('an element of an array', () => {
  beforeAll(async () => {
    cluster = await sharedCluster();
    for (const name of Object.keys(PLAYS) as Name[]) plays.set(name, PLAYS[name]());
  });

  it(
    'lets one of two arrays begin each task',
    async () => {
      const { node, ids } = await play('two arrays');
      const [first = '', second = ''] = ids;
      const every = Array.from({ length: 8 }, (_, at) => at);
      await until('all tasks end', () => every.every((at) => has(node, `${at}.exit`)));

      const ends = await Promise.all(every.flatMap((at) => [endOf(`${first}_${at}`), endOf(`${second}_${at}`)]));

      expect(begunTasks(node.runDir).map((line) => Number.parseInt(line, 10))).toEqual(every);
      expect(ends.map((end) => end.split('|').slice(1).join(' ')).sort()).toEqual([
        ...Array<string>(8).fill('COMPLETED 0:0'),
        ...Array<string>(8).fill('FAILED 98:0'),
      ]);
      for (const at of every) {
        const { array_job_id, array_task_id } = readTaskReceipt(node.runDir, `claim.${at}.0`);
        expect(ends).toContain(`${String(array_job_id)}_${String(array_task_id)}|COMPLETED|0:0`);
      }
    },
    SLOW_MS,
  );

  it(
    'begins its task once more if it is requeued',
    async () => {
      const { node, ids } = await play('requeue');
      const [id = ''] = ids;
      await until('both begin', () => begunTasks(node.runDir).length === 2);
      slurm(cluster.env, ['scontrol', 'requeue', `${id}_0`]);
      await beginAgain(cluster.env, `${id}_0`);
      await until('it begins again', () => begunTasks(node.runDir).length === 3);
      for (const index of [0, 1]) writeFileSync(join(node.runDir, `go.${index}`), '');

      await until('both end', () => [0, 1].every((at) => has(node, `${at}.exit`)) && attempt(node, 0) === 1);

      expect(await endOf(`${id}_0`)).toContain('|COMPLETED|0:0');
      expect(begunTasks(node.runDir).map((line) => line.split(' ')[0])).toEqual(['0', '0', '1']);
      expect(claims(node)).toEqual(['claim.0.0', 'claim.0.1', 'claim.1.0']);
      const [before, after] = [0, 1].map((one) => readTaskReceipt(node.runDir, `claim.0.${one}`));
      expect(after).toMatchObject({ restart_count: 1, job_id: before?.['job_id'], array_task_id: 0 });
      expect(readTaskReceipt(node.runDir, '0.exit')).toMatchObject({ attempt: 1, exit_code: 0 });
      expect(taskLog(node.runDir, 0)).toContain('attempt 2 of this task begins here');
    },
    SLOW_MS,
  );

  it(
    'leaves how far it came if it is cancelled',
    async () => {
      const { node, ids } = await play('scancel');
      const [id = ''] = ids;
      await until('all begin', () => begunTasks(node.runDir).length === 3);
      slurm(cluster.env, ['scancel', `${id}_1`]);
      await until('the task ends', () => has(node, '1.exit'));
      expect(readTaskReceipt(node.runDir, '1.exit')).toMatchObject({
        signal: 'SIGTERM',
        job_signal: 'SIGTERM',
        ended_by: null,
      });
      expect(has(node, '0.exit')).toBe(false);
      slurm(cluster.env, ['scancel', id]);
      await until('the others end', () => has(node, '0.exit') && has(node, '2.exit'));
      expect(await endOf(`${id}_1`)).toContain('|CANCELLED');
    },
    SLOW_MS,
  );

  it(
    'leaves its receipt at the time limit',
    async () => {
      const { node, ids } = await play('time limit');
      await until('it begins', () => begunTasks(node.runDir).length === 1);
      await untilSlurm('its time is over', () => {
        slurm(cluster.env, ['scontrol', 'update', `jobid=${ids[0] ?? ''}_0`, 'endtime=now+1']);
        return true;
      });
      await until('the task ends', () => has(node, '0.exit'));
      expect(readTaskReceipt(node.runDir, '0.exit')).toMatchObject({
        signal: 'SIGTERM',
        job_signal: 'SIGTERM',
        ended_by: null,
      });
      expect(await endOf(`${ids[0] ?? ''}_0`)).toContain('|TIMEOUT|');
    },
    SLOW_MS,
  );

  it(
    'leaves its receipt if a task takes too much memory',
    async ({ skip }) => {
      skip(cluster.memoryLimits === 'none', 'Slurm can use no memory cgroup of this machine');
      const { node, ids } = await play('memory');
      await until('the task ends', () => has(node, '0.exit'));
      expect(readTaskReceipt(node.runDir, '0.exit')['exit_code']).not.toBe(0);
      expect(await endOf(`${ids[0] ?? ''}_0`)).toContain('|OUT_OF_MEMORY|');
    },
    SLOW_MS,
  );

  it(
    'goes on as a worker after a requeue, and begins first what it had in hand',
    async () => {
      const { node, ids } = await play('workers');
      const [id = ''] = ids;
      await until('the rest is done', () =>
        Array.from({ length: 12 }, (_, at) => at).every((at) => at === 3 || has(node, `${at}.exit`)),
      );
      const { array_task_id, job_id } = readTaskReceipt(node.runDir, 'claim.3.0');
      const one = `${id}_${String(array_task_id)}`;
      slurm(cluster.env, ['scontrol', 'requeue', one]);
      await beginAgain(cluster.env, one);
      await until('it begins again', () => claims(node).includes('claim.3.1'));
      writeFileSync(join(node.runDir, 'go.3'), '');

      expect(await endOf(one)).toContain('|COMPLETED|0:0');
      expect(begunTasks(node.runDir).map((line) => Number.parseInt(line, 10))).toEqual([
        0, 1, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11,
      ]);
      expect(readTaskReceipt(node.runDir, 'claim.3.1')).toMatchObject({ restart_count: 1, job_id });
      expect(readTaskReceipt(node.runDir, '3.exit')).toMatchObject({ attempt: 1, exit_code: 0 });
      expect(readTaskReceipt(node.runDir, `element.${one}.1`)).toMatchObject({ why: 'none_left', begun: 1 });
      expect((await shown(cluster, one))['Restarts'] ?? '1').toBe('1');
    },
    SLOW_MS,
  );
});

function attempt(node: Node, index: number): unknown {
  return readTaskReceipt(node.runDir, `${index}.exit`)['attempt'];
}
