import { shown } from '../../documents/excerpt.ts';
import type { Notes } from '../../documents/notes.ts';
import { readMemory } from '../memory.ts';
import { type Fields, isGiven, itSays, readAliased, scalarText } from './values.ts';

/** The amount of memory: per node, per processor or per GPU. One of the three, as for sbatch. */

export interface MemoryRequest {
  /** Per node, as written; `site` leaves it to the site, and no memory option is set. */
  readonly memory: string | null;
  /** 0: all the memory of the node. null also for `site`. */
  readonly memory_mb: number | null;
  readonly memory_per_cpu: string | null;
  readonly memory_per_cpu_mb: number | null;
  readonly memory_per_gpu: string | null;
  readonly memory_per_gpu_mb: number | null;
}

/** The design's value for leaving the memory to the site. */
export const SITE_MEMORY = 'site';

/** The first name is autolab's; the other comes from older designs. */
const MEMORY = ['memory', 'memory_estimate'] as const;
const FORMS = [...MEMORY, 'memory_per_cpu', 'memory_per_gpu'] as const;

export function readMemoryRequest(
  notes: Notes,
  pointer: string,
  fields: Fields,
  location: 'local' | 'slurm' | null,
): MemoryRequest {
  const node = readAliased<number | typeof SITE_MEMORY>(notes, pointer, fields, MEMORY, (at, value) =>
    isSite(scalarText(notes, at, value)) ? SITE_MEMORY : readMegabytes(notes, at, value),
  );
  const per = (key: 'memory_per_cpu' | 'memory_per_gpu') =>
    readAliased(notes, pointer, fields, [key], (at, value) => readMoreThanNothing(notes, at, value));
  const cpu = per('memory_per_cpu');
  const gpu = per('memory_per_gpu');
  checkForms(notes, pointer, fields, location);
  const site = node?.value === SITE_MEMORY;
  return {
    memory: site ? SITE_MEMORY : (node?.text ?? null),
    memory_mb: typeof node?.value === 'number' ? node.value : null,
    memory_per_cpu: cpu?.text ?? null,
    memory_per_cpu_mb: cpu?.value ?? null,
    memory_per_gpu: gpu?.text ?? null,
    memory_per_gpu_mb: gpu?.value ?? null,
  };
}

/** Slurm takes one form of memory, and a Slurm job must set one. */
function checkForms(notes: Notes, pointer: string, fields: Fields, location: 'local' | 'slurm' | null): void {
  const given = FORMS.filter((key) => isGiven(fields, [key]));
  // Two names of the memory per node were compared above.
  const others = given.filter((key) => key !== 'memory_estimate' || !given.includes('memory'));
  if (others.length > 1)
    notes.error(
      `${pointer}/${others[1] ?? ''}`,
      'value.conflict',
      `conflicts with ${shown(`compute.${others[0] ?? ''}`)}: Slurm takes one of them; remove one`,
    );
  if (location === 'slurm' && given.length === 0)
    notes.error(
      `${pointer}/memory`,
      'value.missing',
      'is missing, and Slurm runs need it; write an amount such as "4G" (or `memory_per_cpu`, `memory_per_gpu`; `memory: site` leaves it to the site)',
    );
}

function isSite(text: string): boolean {
  return text.toLowerCase() === SITE_MEMORY;
}

function readMegabytes(notes: Notes, pointer: string, value: unknown): number | null {
  const reading = readMemory(scalarText(notes, pointer, value));
  if (reading.ok) return reading.megabytes;
  notes.error(pointer, 'value.invalid', `${reading.message}; ${itSays(notes, pointer)}`);
  return null;
}

/** sbatch takes `--mem-per-cpu=0` as all the memory of a node, and `--mem-per-gpu=0` as nothing at all. */
function readMoreThanNothing(notes: Notes, pointer: string, value: unknown): number | null {
  const megabytes = readMegabytes(notes, pointer, value);
  if (megabytes !== 0) return megabytes;
  notes.error(pointer, 'value.invalid', 'must be more than zero; for all the memory of the nodes write `memory: 0`');
  return null;
}
