import { join } from 'node:path';
import { readTextOrNull, writeFileIfChanged } from '../platform/files.ts';
import { parseObject, textOrNull } from '../platform/json-object.ts';
import { canonicalFile } from '../records/canonical.ts';
import { POSITIONS } from '../records/paths.ts';

/** `.autolab/positions.json`: where the workflow of each experiment stands that is not the current one. */

export interface KeptPosition {
  readonly iteration_id: string;
  /** '' if the iteration has no experiment yet. */
  readonly experiment_id: string;
  readonly stage: string;
  readonly stage_attempt: number;
  readonly last_run_id: string;
  readonly sync_status: string;
}

/** What is not readable is left out: the experiment then begins with its first stage. */
export function readPositions(root: string): readonly KeptPosition[] {
  const kept = parseObject(readTextOrNull(join(root, POSITIONS)))?.['positions'];
  return (Array.isArray(kept) ? (kept as readonly unknown[]) : []).flatMap((one) => {
    if (typeof one !== 'object' || one === null) return [];
    const keys = one as Readonly<Record<string, unknown>>;
    const [iteration, stage] = [textOrNull(keys['iteration_id']), textOrNull(keys['stage'])];
    if (iteration === null || stage === null) return [];
    const attempt = keys['stage_attempt'];
    return [
      {
        iteration_id: iteration,
        experiment_id: textOrNull(keys['experiment_id']) ?? '',
        stage,
        stage_attempt: Number.isSafeInteger(attempt) ? Number(attempt) : 0,
        last_run_id: textOrNull(keys['last_run_id']) ?? '',
        sync_status: textOrNull(keys['sync_status']) ?? '',
      },
    ];
  });
}

type Ids = Pick<KeptPosition, 'iteration_id' | 'experiment_id'>;

export function keptPosition(root: string, ids: Ids): KeptPosition | null {
  return readPositions(root).find((one) => isOf(one, ids)) ?? null;
}

/** Keeps one position; harmless to repeat. */
export function keepPosition(root: string, position: KeptPosition): void {
  const others = readPositions(root).filter((one) => !isOf(one, position));
  const positions = [...others, position].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  writeFileIfChanged(join(root, POSITIONS), canonicalFile({ positions, schema_version: '1.0' }));
}

function isOf(position: Ids, ids: Ids): boolean {
  return position.iteration_id === ids.iteration_id && position.experiment_id === ids.experiment_id;
}

function nameOf({ iteration_id, experiment_id }: Ids): string {
  return `${iteration_id}\n${experiment_id}`;
}
