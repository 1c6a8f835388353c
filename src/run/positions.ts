import { join } from 'node:path';
import * as z from 'zod';
import { jsonDocument } from '../documents/json-document.ts';
import { hasErrors } from '../documents/located.ts';
import { shape } from '../documents/shape.ts';
import { readSource } from '../documents/source.ts';
import { type Failure, failureOf } from '../errors/failure.ts';
import type { Problem } from '../errors/problem.ts';
import { writeFileIfChanged } from '../platform/files.ts';
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

/** Texts may be empty: a new project has no iteration. */
const schema = z.object({
  positions: z.array(
    z.object({
      iteration_id: z.string(),
      experiment_id: z.string().nullish(),
      stage: z.string().min(1),
      stage_attempt: z.int().min(0).nullish(),
      last_run_id: z.string().nullish(),
      sync_status: z.string().nullish(),
    }),
  ),
});

/** A line for each experiment. */
const MOST_BYTES = 4 * 1024 * 1024;

/** A missing file keeps nothing. */
function read(root: string): { readonly positions: readonly KeptPosition[]; readonly problems: readonly Problem[] } {
  const source = readSource(root, POSITIONS, MOST_BYTES);
  if (source.text === null) return { positions: [], problems: source.missing ? [] : source.problems };
  const { draft, problems } = shape(jsonDocument(source.text, POSITIONS), schema);
  const positions = (draft?.positions ?? []).map((one) => ({
    iteration_id: one.iteration_id,
    experiment_id: one.experiment_id ?? '',
    stage: one.stage,
    stage_attempt: one.stage_attempt ?? 0,
    last_run_id: one.last_run_id ?? '',
    sync_status: one.sync_status ?? '',
  }));
  return { positions, problems };
}

/** What is not readable is left out. */
export function readPositions(root: string): readonly KeptPosition[] {
  return read(root).positions;
}

/** Why nothing may be written there: what cannot be read would be lost. Null if all of it is readable. */
export function damagedPositions(root: string): Failure | null {
  const { problems } = read(root);
  return hasErrors(problems) ? failureOf('positions.invalid', { problems }) : null;
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
