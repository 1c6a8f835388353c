/**
 * Whether a record says only what was so. It knows nothing of the launcher's own judgement: it compares the manifest with what
 * Slurm says, with the logs, and with the marks that the entrypoints themselves left outside of the run's folder.
 */

import type { Choice } from './designs.ts';

export interface Seen {
  readonly choice: Choice;
  readonly manifest: Readonly<Record<string, any>>;
  /** Of the launch. */
  readonly end: { readonly status: number | null; readonly json: Readonly<Record<string, any>> };
  /** Names of the marks, such as `start.0.1.4711`: kind, restart, task, pid. */
  readonly marks: readonly string[];
  /** Rows of `sacct --duplicates`, of the job and its steps, oldest first. */
  readonly rows: readonly SacctRow[];
  /** `scontrol show job`; empty where it is forgotten. */
  readonly shown: string;
  /** All of Slurm's answers as the launcher kept them, and the job's own log. */
  readonly logs: string;
  readonly stderr: string;
  /** Of the required artifact. */
  readonly artifact: boolean;
  readonly nodes: readonly string[];
  /** Ids of all jobs that this case had: the run's own, and one that took its nodes. */
  readonly jobs: readonly string[];
}

export interface SacctRow {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly exit: string;
  readonly derived: string;
  readonly nodes: string;
}

const STATES =
  /\b(?:COMPLETED|FAILED|TIMEOUT|OUT_OF_MEMORY|CANCELLED|PREEMPTED|NODE_FAIL|BOOT_FAIL|REQUEUED|DEADLINE|RUNNING|PENDING)\b/g;

/** What is wrong with it; empty if nothing is. */
export function complaints(seen: Seen): readonly string[] {
  return [...startsOf(seen), ...completionOf(seen), ...codeOf(seen), ...stateOf(seen), ...sentencesOf(seen)];
}

function startsOf({ choice, marks }: Seen): readonly string[] {
  const { design, end } = choice;
  const starts = marks.filter((mark) => mark.startsWith('start.'));
  const restarts = new Set(starts.map((mark) => mark.split('.')[1]));
  const wanted = end.begins === 'none' ? 0 : design.tasks;
  const generations = end.begins === 'none' ? 0 : (end.generations ?? 1);
  const wrong: string[] = [];
  if (restarts.size !== generations) wrong.push(`${restarts.size} starts of the job, not ${generations}`);
  for (const restart of restarts) {
    const began = starts.filter((mark) => mark.split('.')[1] === restart);
    const tasks = new Set(began.map((mark) => mark.split('.')[2]));
    if (began.length !== wanted || tasks.size !== wanted)
      wrong.push(`${began.length} entrypoints began in start ${String(restart)}, not ${wanted}`);
  }
  return wrong;
}

/** What speaks against a good end, whatever was expected. */
function completionOf(seen: Seen): readonly string[] {
  const { manifest, choice, marks, rows, artifact } = seen;
  if (manifest['code'] !== 'run.completed') return [];
  const wrong: string[] = [];
  const last = rows.findLast((row) => !row.id.includes('.'));
  if (last?.state !== 'COMPLETED' || last.exit !== '0:0')
    wrong.push(`completed, and sacct says ${last?.state ?? 'nothing'} ${last?.exit ?? ''}`);
  const restart = Math.max(0, ...marks.map((mark) => Number(mark.split('.')[1])));
  const ends = marks.filter((mark) => mark.startsWith(`end.${restart}.`));
  if (ends.length !== choice.design.tasks)
    wrong.push(`completed, and ${ends.length} of ${choice.design.tasks} entrypoints came to their end`);
  if (choice.end.artifacts === undefined && !artifact) wrong.push('completed, and the required artifact is not there');
  if (rows.some((row) => row.state === 'OUT_OF_MEMORY')) wrong.push('completed, and a step ran out of memory');
  if (/\bPreemptTime=2/.test(seen.shown)) wrong.push('completed, and it was preempted');
  return wrong;
}

function codeOf({ manifest, end, choice }: Seen): readonly string[] {
  const wrong: string[] = [];
  const code = String(end.json['code']);
  if (!choice.end.codes.includes(code))
    wrong.push(`code ${code}, not ${choice.end.codes.join(' or ')}: ${String(end.json['message'])}`);
  if (code !== 'artifacts.missing' && manifest['code'] !== code)
    wrong.push(`the manifest's code is ${String(manifest['code'])}, the result's ${code}`);
  if (code !== 'run.completed' && manifest['status'] === 'completed') wrong.push(`status completed with code ${code}`);
  const want = code === 'run.completed' ? 0 : 10;
  if (end.status !== want) wrong.push(`exit status ${String(end.status)} with code ${code}`);
  return wrong;
}

function stateOf({ manifest, rows }: Seen): readonly string[] {
  const { state, exit_code: exit } = manifest['slurm'] ?? {};
  const row = rows.findLast((one) => !one.id.includes('.'));
  if (row === undefined || state === undefined || state === null) return [];
  const wrong: string[] = [];
  if (row.state.split(' ')[0] !== state) wrong.push(`slurm.state is ${String(state)}, and sacct says ${row.state}`);
  if (exit !== undefined && exit !== null && row.exit !== exit)
    wrong.push(`slurm.exit_code is ${String(exit)}, and sacct says ${row.exit}`);
  return wrong;
}

/** Every sentence that stays: numbers, signals, nodes, users and states in it must be those of somebody who knows. */
function sentencesOf(seen: Seen): readonly string[] {
  const { manifest, end } = seen;
  const { slurm, warnings } = manifest;
  const sentences: readonly string[] = [
    manifest['message'],
    end.json['message'],
    ...(slurm?.evidence ?? []),
    ...(warnings ?? []),
  ].filter((sentence): sentence is string => typeof sentence === 'string');
  return [...new Set(sentences)].flatMap((sentence) =>
    claimsOf(seen, sentence).map((claim) => `${claim}: "${sentence}"`),
  );
}

function claimsOf(seen: Seen, sentence: string): readonly string[] {
  const { rows, choice, shown, logs, marks } = seen;
  const { end, design } = choice;
  const said = rows.flatMap((row) => [row.exit, row.derived]);
  // Slurm wakes a job before it ends it.
  const woken = end.outside === undefined ? [] : [SIGNALS.indexOf('CONT')];
  // srun ends the other tasks by SIGTERM.
  const others = design.tasks > 1 ? [15] : [];
  const exits = new Set([
    0,
    ...(end.exits ?? []),
    ...others.map((signal) => 128 + signal),
    ...said.map((pair) => Number(pair.split(':')[0])),
  ]);
  const signals = new Set([
    ...(end.signals ?? []),
    ...woken,
    ...others,
    ...said.map((pair) => Number(pair.split(':')[1] ?? 0)),
  ]);
  const raw = `${rows.map((row) => row.state).join(' ')} ${shown} ${logs}`;
  const each = (pattern: RegExp): readonly string[] =>
    [...sentence.matchAll(pattern)].map((match) => match[1] ?? match[0]);
  const wrong: string[] = [];
  for (const exit of each(/\bexit (?:code|status) (\d+)\b/gi))
    if (!exits.has(Number(exit))) wrong.push(`exit ${exit}?`);
  for (const signal of each(/(?<!user defined )\bsignal (\d+)\b/gi))
    if (!signals.has(Number(signal))) wrong.push(`signal ${signal}?`);
  for (const name of each(/\bSIG([A-Z]+\d?)\b/g)) if (!signals.has(numberOf(name))) wrong.push(`SIG${name}?`);
  for (const job of each(/\bjob (\d+)\b/gi)) if (!seen.jobs.includes(job)) wrong.push(`job ${job}?`);
  for (const state of each(STATES)) if (!raw.includes(state)) wrong.push(`nobody said ${state}`);
  for (const node of each(/\b(\w+n[12])\b/g)) if (!rows.some((row) => row.nodes !== '')) wrong.push(`node ${node}?`);
  for (const user of each(/\bby user (\w+)/gi))
    if (!rows.some((row) => row.state === `CANCELLED by ${user}`) && user !== 'root') wrong.push(`user ${user}?`);
  for (const count of each(/\b(\d+) (?:of \d+ )?(?:entrypoints?|tasks?) (?:began|were started|started)\b/gi)) {
    const restart = Math.max(0, ...marks.map((mark) => Number(mark.split('.')[1])));
    const began = marks.filter((mark) => mark.startsWith(`start.${restart}.`)).length;
    if (Number(count) !== began && Number(count) !== design.tasks) wrong.push(`${count} began?`);
  }
  if (/\brenamed\b/i.test(sentence)) wrong.push('nobody renamed the job');
  return wrong;
}

const SIGNALS = [
  '',
  'HUP',
  'INT',
  'QUIT',
  'ILL',
  'TRAP',
  'ABRT',
  'BUS',
  'FPE',
  'KILL',
  'USR1',
  'SEGV',
  'USR2',
  'PIPE',
  'ALRM',
  'TERM',
  'STKFLT',
  'CHLD',
  'CONT',
];

function numberOf(name: string): number {
  return SIGNALS.indexOf(name);
}
