import type { LimitRow } from './site-limits.ts';

/**
 * The limit behind a reason in the queue, and the design key that changes the request. Pure. Source: squeue(1), "JOB
 * REASON CODES".
 */

export interface LimitReason {
  readonly scope: 'partition' | 'qos' | 'association';
  /** The key under `compute` of the design. */
  readonly key: string;
  /** Columns of the answer with the limit, best first. */
  readonly columns: readonly string[];
  /** The resource in a list such as `cpu=2,mem=1G`; null if the column is the limit. */
  readonly resource: string | null;
}

const PARTITION: Readonly<Record<string, readonly [key: string, ...columns: string[]]>> = {
  PartitionTimeLimit: ['time', 'MaxTime'],
  PartitionNodeLimit: ['nodes', 'MaxNodes', 'MinNodes', 'TotalNodes'],
  PartitionDown: ['partition', 'State'],
  PartitionInactive: ['partition', 'State'],
  MaxMemPerLimit: ['memory', 'MaxMemPerNode', 'MaxMemPerCPU'],
};

/** The parts of the reasons' names: `QOSMaxCpuPerJobLimit`, `AssocGrpMemLimit`. */
const RESOURCES: readonly (readonly [word: RegExp, key: string, resource: string])[] = [
  [/cpu/i, 'cpus', 'cpu'],
  [/mem/i, 'memory', 'mem'],
  [/node/i, 'nodes', 'node'],
  [/gres|tres/i, 'gpu_count', 'gres/gpu'],
];

/** Returns null if the reason names no known limit. */
export function readLimitReason(reason: string): LimitReason | null {
  const partition = Object.hasOwn(PARTITION, reason) ? PARTITION[reason] : undefined;
  if (partition !== undefined) {
    const [key, ...columns] = partition;
    return { scope: 'partition', key, columns, resource: null };
  }
  const [, of, group, what = ''] = /^(QOS|Assoc)(Grp|Max|Min)([A-Za-z]{1,60})$/.exec(reason) ?? [];
  if (of === undefined) return null;
  const scope = of === 'QOS' ? 'qos' : 'association';
  const whole = wholeLimit(group === 'Grp', what);
  if (whole !== null) return { scope, ...whole, resource: null };
  const found = RESOURCES.find(([word]) => word.test(what.replace(/Per(?:Job|User|Account|Node)|Limit/g, '')));
  if (found === undefined) return null;
  const [, key, resource] = found;
  return { scope, key, columns: [trackedColumn(group, what)], resource };
}

/** The letters that show in a column whose limit it is. */
function whoseLimit(what: string): string {
  if (/PerAccount|PerAcct/.test(what)) return 'PA';
  return /PerUser/.test(what) ? 'PU' : '';
}

/** A limit with its own columns; null for one of trackable resources (TRES). */
function wholeLimit(isGroup: boolean, what: string): Pick<LimitReason, 'key' | 'columns'> | null {
  if (/Wall/.test(what)) return { key: 'time', columns: [isGroup ? 'GrpWall' : 'MaxWall'] };
  const name = ['Submit', 'Jobs'].find((word) => what.includes(word));
  if (name === undefined) return null;
  const columns = isGroup ? [`Grp${name}`] : [`Max${name}${whoseLimit(what)}`, `Max${name}PU`, `Max${name}`];
  return { key: 'qos', columns };
}

function trackedColumn(group: string | undefined, what: string): string {
  const minutes = /RunMin/.test(what) ? 'RunMins' : /Min(?:ute)?s/.test(what) ? 'Mins' : '';
  if (group === 'Min') return 'MinTRES';
  if (group === 'Grp') return `GrpTRES${minutes}`;
  return `MaxTRES${/PerNode/.test(what) ? 'PerNode' : `${minutes}${whoseLimit(what)}`}`;
}

/** The limit in one of the rows, such as `MaxTime=00:02:00` or `MaxTRES: cpu=2`; null if none has it. */
export function limitIn(rows: readonly LimitRow[], { columns, resource }: LimitReason): string | null {
  for (const column of columns)
    for (const row of rows) {
      const value = row[column] ?? '';
      if (/^(?:|UNLIMITED|NONE|0)$/i.test(value)) continue;
      if (resource === null) return `${column}=${value}`;
      const parts = value.split(',').filter((part) => part.startsWith(resource));
      if (parts.length > 0) return `${column}: ${parts.join(',')}`;
    }
  return null;
}
