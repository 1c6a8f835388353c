import type { GpuPoint } from '../../../records/usage-series.ts';

/** What nvidia-smi is asked, and what its answer means. Pure. */

/** `nvidia-smi --help-query-gpu`. Without units: percent, and MiB. */
export const GPU_QUESTION = [
  '--query-gpu=index,uuid,utilization.gpu,memory.used',
  '--format=csv,noheader,nounits',
] as const;

const MIB = 1024 * 1024;

interface Gpu extends GpuPoint {
  readonly index: string;
  readonly uuid: string;
}

/** The GPUs that the run may see; null if that is no answer, or if there are none. */
export function parseGpus(text: string, visible: string | undefined): readonly GpuPoint[] | null {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const gpus = lines.map(gpuOf).filter((gpu) => gpu !== null);
  if (gpus.length < lines.length) return null;
  const seen = visibleOf(gpus, visible).map(({ util, memory_bytes }) => ({ util, memory_bytes }));
  return seen.length === 0 ? null : seen;
}

/** `[N/A]` and the like stand for what the card cannot say. */
function gpuOf(line: string): Gpu | null {
  const [index = '', uuid = '', util = '', memory, ...more] = line.split(',').map((field) => field.trim());
  if (memory === undefined || more.length > 0 || !/^\d+$/.test(index)) return null;
  const used = numberOrNull(memory);
  return { index, uuid, util: numberOrNull(util), memory_bytes: used === null ? null : used * MIB };
}

function numberOrNull(field: string): number | null {
  return /^\d+$/.test(field) ? Number(field) : null;
}

/**
 * CUDA_VISIBLE_DEVICES: indices, or UUIDs that may be shortened; what follows the first one that there is not is not
 * seen. All, if it says something else (parts of a card, `MIG-…`).
 */
function visibleOf(gpus: readonly Gpu[], visible: string | undefined): readonly Gpu[] {
  const words = visible?.split(',').map((word) => word.trim());
  if (words?.every((word) => /^(?:-?\d+|GPU-[\da-f-]+)$/i.test(word)) !== true) return gpus;
  const found = words.map((word) => gpus.find(({ index, uuid }) => index === word || isShortFor(word, uuid)));
  const end = found.indexOf(undefined);
  const seen = found.slice(0, end === -1 ? undefined : end);
  return gpus.filter((gpu) => seen.includes(gpu));
}

function isShortFor(word: string, uuid: string): boolean {
  return word.startsWith('GPU-') && uuid.startsWith(word);
}

/** Whether the run is not to see any; `NoDevFiles` is Slurm's word for that. */
export function isWithoutGpus(visible: string | undefined): boolean {
  return visible !== undefined && (visible.trim() === '' || /^\s*(?:-\d|NoDevFiles)/.test(visible));
}
