import type { Code } from '../../errors/catalog.ts';

/** How tasks ended, in words that follow a number: `3 reached the time limit`. Pure. */

type Kind<Prefix extends string> = Extract<Code, `${Prefix}.${string}`>;
type EndCode = Kind<'local'> | Kind<'slurm'>;
/** What stands after the dot: the same words wherever the task ran. */
type End = EndCode extends `${string}.${infer Name}` ? Name : never;

const WORDS: Readonly<Record<End, string>> = {
  failed: 'failed',
  signal: 'ended by a signal',
  timeout: 'reached the time limit',
  out_of_memory: 'ran out of memory',
  lost: 'lost',
  terminated: 'ended with the supervisor',
  start_failed: 'could not be started',
  inputs_changed: 'stopped by changed data',
  code_changed: 'stopped by changed code',
  not_started: 'stopped in the activation',
  refused: 'refused by the site',
  not_run: 'not submitted',
  submit_lost: 'not submitted',
  unreachable: 'out of reach',
  other_cluster: 'on another cluster',
  undetermined: 'with an unknown end',
  cancelled: 'cancelled by others',
  node_fail: 'on a node that failed',
  preempted: 'preempted',
  boot_fail: 'on a node that did not boot',
  deadline: 'ended at a deadline',
  revoked: 'revoked by the federation',
  unknown_state: 'in an unknown state',
  starts_differ: 'with another number of processes',
  not_owner: 'left to another copy of the job',
  end_unknown: 'with an unknown end',
  vanished: 'lost by Slurm',
};

const OTHERS: Readonly<Partial<Record<Code, string>>> = {
  'run.cancelled': 'cancelled',
  'tasks.not_started': 'not started',
  'tasks.end_unknown': 'with an unknown end',
  'tasks.artifact_missing': 'without a required artifact',
};

export function wordsOfCode(code: Code): string {
  const end = /^(?:local|slurm)\.(.+)$/.exec(code)?.[1];
  const words: Readonly<Record<string, string>> = WORDS;
  return OTHERS[code] ?? (end === undefined ? code : (words[end] ?? code));
}
