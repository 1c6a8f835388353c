/** The sites, designs and ends of the campaign over sites: three tables, and what each row may be combined with. */

import type { Site } from '../slurm.ts';

/** What a row of one table needs of the others. */
export interface Choice {
  readonly site: Site;
  readonly design: DesignRow;
  readonly end: EndRow;
}

export interface DesignRow {
  readonly name: string;
  readonly compute: Readonly<Record<string, string | number | boolean>>;
  /** How many entrypoints one start of the job begins. */
  readonly tasks: number;
  readonly nodes: number;
  /** It names no amount of memory, which a site without memory cannot meet. */
  readonly withoutMemory?: true;
  /** Names of ends that go with it; all if left out. */
  readonly ends?: RegExp;
}

/** A key of the example that a design does without. */
const LEFT_OUT = '';

/** What Slurm must be asked for; the time limit is that of the example unless an end says otherwise. */
export const DESIGNS: readonly DesignRow[] = [
  { name: 'one task', compute: { cpus: 1, memory: '200M' }, tasks: 1, nodes: 1 },
  { name: 'three CPUs', compute: { cpus: 3, memory: '300M' }, tasks: 1, nodes: 1 },
  { name: 'much memory', compute: { cpus: 1, memory: '800M' }, tasks: 1, nodes: 1 },
  { name: 'two tasks', compute: { ntasks: 2, memory: '400M' }, tasks: 2, nodes: 1 },
  { name: 'two nodes', compute: { nodes: 2, cpus: 1, memory: '400M' }, tasks: 2, nodes: 2 },
  { name: 'two nodes, much memory', compute: { nodes: 2, cpus: 1, memory: '800M' }, tasks: 2, nodes: 2 },
  { name: 'two nodes, four tasks', compute: { nodes: 2, ntasks: 4, memory: '300M' }, tasks: 4, nodes: 2 },
  { name: 'may be requeued', compute: { cpus: 1, memory: '200M', requeue: true }, tasks: 1, nodes: 1 },
  { name: 'memory by CPU', compute: { cpus: 2, memory: LEFT_OUT, memory_per_cpu: '100M' }, tasks: 1, nodes: 1 },
  { name: 'all memory of a node', compute: { cpus: 1, memory: 0 }, tasks: 1, nodes: 1, withoutMemory: true },
  { name: 'memory left to the site', compute: { cpus: 1, memory: 'site' }, tasks: 1, nodes: 1, withoutMemory: true },
  {
    name: 'a whole node',
    compute: { cpus: 1, memory: 0, exclusive: true },
    tasks: 1,
    nodes: 1,
    withoutMemory: true,
  },
  {
    name: 'two tasks on each of two whole nodes',
    compute: { nodes: 2, ntasks_per_node: 2, memory: 'site', exclusive: true },
    tasks: 4,
    nodes: 2,
    withoutMemory: true,
  },
  {
    name: 'two tasks on each of two nodes',
    compute: { nodes: 2, ntasks_per_node: 2, memory: '300M' },
    tasks: 4,
    nodes: 2,
  },
  { name: 'a grace of 2 seconds', compute: { cpus: 1, memory: '200M', grace: 2 }, tasks: 1, nodes: 1 },
  {
    name: 'more options of sbatch',
    compute: { cpus: 1, memory: '200M', sbatch_options: '["--acctg-freq=task=1"]' },
    tasks: 1,
    nodes: 1,
  },
];

export interface EndRow {
  readonly name: string;
  /** Codes that the manifest may have: more than one where Slurm itself does not tell them apart. */
  readonly codes: readonly string[];
  /** Before its start mark is written: nothing from outside comes earlier. */
  readonly before?: string;
  /** Between its start mark and that of its end. */
  readonly body: string;
  /** `all`: as many as the design says; `none`: it never began. */
  readonly begins: 'all' | 'none';
  /** Whether all of them come to their end. */
  readonly ends: boolean;
  /** Starts of the job under one id. */
  readonly generations?: number;
  readonly activation?: string;
  readonly artifacts?: readonly string[];
  readonly compute?: Readonly<Record<string, string | number | boolean>>;
  /** Numbers and names that its sentences may have, beside those that Slurm gives. */
  readonly exits?: readonly number[];
  readonly signals?: readonly number[];
  readonly outside?: Outside;
  readonly sites?: readonly Site[];
  readonly tasks?: 'one' | 'several';
  /** Takes longer than a test of `npm test` may. */
  readonly slow?: true;
  /** It takes nodes from other jobs, so none may run beside it. */
  readonly alone?: true;
}

/** What happens to the job once all of its entrypoints have begun. */
export type Outside = 'scancel' | 'cancel' | 'time' | 'requeue' | 'preempt' | 'USR1 to the batch shell';

const METRICS = `[ "\${SLURM_PROCID:-0}" != 0 ] || echo '{"accuracy": 1}' > "$AUTOLAB_RUN_DIR/metrics.json"\n`;
/** Until something from outside ends it; a bound for what a failed test leaves. */
const WAITS = 'for i in $(seq 600); do sleep 0.2; done\n';
/** What a careful program does: it saves, and says that all is well. */
const TRAPS = `trap 'trap - TERM; ${METRICS.trim()}; echo saved; exit 0' TERM\n`;
const GREEDY = `node -e 'const held = []; for (let i = 0; i < 60; i += 1) held.push(Buffer.alloc(1e7, 1)); console.log(held.length)'`;
const LIMITED: readonly Site[] = ['plain', 'whole-node', 'per-cpu-memory', 'lua', 'grace'];
const CANCELS: readonly Site[] = ['plain', 'whole-node', 'per-cpu-memory'];

const exitsWith = (status: number): EndRow => ({
  name: `exits ${status}`,
  // Slurm shows a status from 129 on as the signal that a shell would mean by it.
  codes: status > 128 ? ['slurm.failed', 'slurm.signal'] : ['slurm.failed'],
  body: `${METRICS}exit ${status}\n`,
  begins: 'all',
  ends: false,
  exits: [status, status % 128],
  signals: status > 128 ? [status - 128] : [],
});

const killedBy = (signal: number): EndRow => ({
  name: `is killed by signal ${signal}`,
  codes: ['slurm.signal', 'slurm.failed'],
  body: `${METRICS}kill -${signal} $$\n${WAITS}`,
  begins: 'all',
  ends: false,
  exits: [128 + signal, signal],
  signals: [signal],
});

const refused = (partition: string, site: Site): EndRow => ({
  name: `is refused in ${partition}`,
  codes: ['slurm.refused'],
  body: METRICS,
  begins: 'none',
  ends: false,
  compute: { partition },
  exits: [1],
  sites: [site],
});

export const ENDS: readonly EndRow[] = [
  { name: 'completes', codes: ['run.completed'], body: `sleep 1\n${METRICS}`, begins: 'all', ends: true },
  { name: 'is over at once', codes: ['run.completed'], body: '', begins: 'all', ends: true, artifacts: ['[]'] },
  { name: 'leaves no artifact', codes: ['artifacts.missing'], body: '', begins: 'all', ends: true },
  ...[1, 3, 42, 97, 98, 127, 130, 137, 143, 255].map(exitsWith),
  ...[6, 9, 10, 11, 15].map(killedBy),
  {
    name: 'fails in one task',
    codes: ['slurm.failed'],
    body: `[ "\${SLURM_PROCID:-0}" != 1 ] || exit 3\n${WAITS}`,
    begins: 'all',
    ends: false,
    // The others are ended by srun, by SIGTERM.
    exits: [3, 15, 143],
    signals: [9, 15],
    tasks: 'several',
  },
  {
    name: 'takes too much memory',
    codes: ['slurm.out_of_memory'],
    body: `${GREEDY}\n`,
    begins: 'all',
    ends: false,
    compute: { memory: '100M' },
    exits: [125, 137, 1, 9],
    signals: [9],
    sites: LIMITED,
    slow: true,
  },
  {
    name: 'takes too much memory and makes light of it',
    codes: ['slurm.out_of_memory'],
    body: `${GREEDY} || true\n${METRICS}`,
    begins: 'all',
    ends: true,
    compute: { memory: '100M' },
    exits: [125, 137, 0],
    signals: [9],
    sites: LIMITED,
    slow: true,
  },
  ...(['', TRAPS] as const).flatMap((traps): EndRow[] => {
    const how = traps === '' ? '' : ', and traps SIGTERM';
    const common = {
      begins: 'all',
      ends: false,
      before: traps,
      body: WAITS,
      exits: [143, 15, 0],
      signals: [9, 15],
    } as const;
    return [
      { ...common, name: `is cancelled from outside${how}`, codes: ['slurm.cancelled'], outside: 'scancel' },
      { ...common, name: `is cancelled by autolab${how}`, codes: ['run.cancelled'], outside: 'cancel' },
      { ...common, name: `runs out of time${how}`, codes: ['slurm.timeout'], outside: 'time', slow: true },
      {
        ...common,
        name: `is preempted${how}`,
        codes: ['slurm.preempted'],
        outside: 'preempt',
        sites: CANCELS,
        slow: true,
        alone: true,
      },
      {
        ...common,
        name: `is preempted with grace${how}`,
        codes: ['slurm.preempted'],
        outside: 'preempt',
        compute: { partition: 'brief' },
        sites: ['grace'],
        slow: true,
        alone: true,
      },
    ];
  }),
  {
    name: 'is requeued, and completes then',
    codes: ['run.completed'],
    body: `if [ "\${SLURM_RESTART_COUNT:-0}" = 0 ]; then ${WAITS.trim()}; fi\n${METRICS}`,
    begins: 'all',
    ends: true,
    generations: 2,
    compute: { requeue: true },
    outside: 'requeue',
    slow: true,
  },
  {
    name: 'gets SIGUSR1, which it handles',
    codes: ['run.completed'],
    before: `done=; trap 'done=1' USR1\n`,
    body: `for i in $(seq 600); do [ -z "$done" ] || break; sleep 0.2; done\n${METRICS}`,
    begins: 'all',
    ends: true,
    outside: 'USR1 to the batch shell',
    signals: [10],
    tasks: 'one',
  },
  {
    name: 'is not begun: the activation leaves with 0',
    codes: ['slurm.not_started'],
    body: METRICS,
    begins: 'none',
    ends: false,
    activation: '[ -d /nowhere ] || exit 0\n',
    artifacts: ['[]'],
    exits: [0],
  },
  {
    name: 'is not begun: the activation fails',
    codes: ['slurm.not_started'],
    body: METRICS,
    begins: 'none',
    ends: false,
    activation: 'echo activating\nls /nowhere/at/all\n',
    exits: [1, 2],
  },
  {
    name: 'is not begun: the prolog of its node fails',
    codes: ['slurm.start_failed'],
    body: METRICS,
    begins: 'none',
    ends: false,
    compute: { partition: 'failing' },
    sites: ['prolog'],
    tasks: 'one',
    slow: true,
    alone: true,
  },
  {
    name: 'ends a step of its own, and is content',
    codes: ['run.completed'],
    // Not the run: the script's own affair.
    body: `srun --ntasks=1 --overlap sleep 100 & step=$!; sleep 3; kill $step; wait $step || true\n${METRICS}`,
    begins: 'all',
    ends: true,
    exits: [15, 143],
    signals: [15, 9],
    tasks: 'one',
  },
  ...['suspended', 'refused', 'silent', 'filtered'].map((partition) => refused(partition, 'lua')),
  {
    ...refused('short', 'plain'),
    name: 'asks for more time than a partition has',
    compute: { partition: 'short', time: '"01:00:00"' },
  },
];

export const SITES: readonly Site[] = [
  'plain',
  'whole-node',
  'per-cpu-memory',
  'no-memory',
  'lua',
  'grace',
  'partition-limits',
];

/** What a site without memory makes of a job that asks for it. */
const UNMET: EndRow = {
  name: 'asks for memory that the site does not give out',
  codes: ['slurm.refused'],
  body: METRICS,
  begins: 'none',
  ends: false,
};

/** The end that comes of it; null where the rows do not go together. */
export function chosen(site: Site, design: DesignRow, end: EndRow): Choice | null {
  if (end.sites !== undefined && !end.sites.includes(site)) return null;
  if (design.ends?.test(end.name) === false) return null;
  // Two ways to ask for memory are a contradiction.
  if (end.compute?.['memory'] !== undefined && design.compute['memory'] === LEFT_OUT) return null;
  if (end.tasks !== undefined && design.tasks > 1 !== (end.tasks === 'several')) return null;
  // All of a node is more than MaxMemPerCPU allows for its CPUs.
  if (site === 'per-cpu-memory' && design.compute['memory'] === 0) return { site, design, end: UNMET };
  if (site === 'no-memory' && design.withoutMemory !== true) return { site, design, end: UNMET };
  return { site, design, end };
}
