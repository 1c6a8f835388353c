import { linesOf, type Ran, succeeded } from './answer.ts';
import { readSeconds } from './values.ts';

/**
 * The limits of a partition, a QOS or an association, as far as users may query them. Pure. Source: scontrol(1),
 * sacctmgr(1).
 */

export function showPartitionsArgv(): readonly string[] {
  return ['scontrol', 'show', 'partition', '-o'];
}

/** Returns null if it is not a name: it comes from an answer and becomes an argument. */
export function showQosArgv(name: string): readonly string[] | null {
  return isName(name) ? ['sacctmgr', '--parsable2', '--readonly', 'show', 'qos', `name=${name}`] : null;
}

export function showAssociationsArgv(account: string): readonly string[] | null {
  return isName(account) ? ['sacctmgr', '--parsable2', '--readonly', 'show', 'assoc', `account=${account}`] : null;
}

function isName(text: string): boolean {
  return /^[A-Za-z0-9_][\w.@-]{0,99}$/.test(text);
}

/** A row by Slurm's names, such as `MaxTime`; values that set no limit are left out. */
export type LimitRow = Readonly<Record<string, string>>;

export function parsePartitions(ran: Ran): readonly LimitRow[] {
  if (!succeeded(ran)) return [];
  return linesOf(ran.stdout)
    .filter((line) => line.startsWith('PartitionName='))
    .map((line) =>
      Object.fromEntries(
        [...line.matchAll(/(?:^|\s)([A-Z][A-Za-z]*)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]),
      ),
    );
}

/** Columns are found by their names: other versions have more of them. */
export function parseLimits(ran: Ran): readonly LimitRow[] {
  if (!succeeded(ran)) return [];
  const [header = '', ...rows] = linesOf(ran.stdout);
  const names = header.split('|');
  return rows.map((row) => Object.fromEntries(row.split('|').map((value, index) => [names[index] ?? '', value])));
}

export interface TimeLimit {
  readonly name: string;
  readonly words: string;
  readonly seconds: number;
}

/** How long a job may run in each partition that accepts jobs. */
export function timeLimits(partitions: readonly LimitRow[]): readonly TimeLimit[] {
  return partitions
    .filter(({ State: state }) => state === 'UP')
    .map(({ PartitionName: name = '', MaxTime: words = '' }) => ({
      name,
      words,
      seconds: words === 'UNLIMITED' ? Infinity : (readSeconds(words) ?? 0),
    }))
    .filter(({ seconds }) => seconds > 0);
}

/** How long a job of a QOS may run; null if the QOS does not limit it, or does not say. */
export function qosTimeLimit(rows: readonly LimitRow[], name: string): TimeLimit | null {
  const words = rows.find((row) => row['Name'] === name)?.['MaxWall'] ?? '';
  const seconds = readSeconds(words);
  return seconds === null || seconds === 0 ? null : { name, words, seconds };
}
