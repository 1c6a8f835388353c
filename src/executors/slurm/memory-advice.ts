import type { Recommendation } from '../../errors/failure.ts';
import type { ResourceRequest } from '../../records/manifest-schema.ts';
import { formatMemory, moreMemory, roundedMemoryMb, timesAs } from '../../run/recommend.ts';

/** What would probably help after an out-of-memory kill, under the key by which the design asked for memory. Pure. */
export function memoryAdvice(iterationId: string, asked: ResourceRequest, peakBytes: number | null): Recommendation {
  const place = (key: string) => ({ file: `experiments/${iterationId}/design.yaml`, pointer: `/compute/${key}` });
  const used =
    peakBytes === null || peakBytes === 0
      ? ''
      : ` with ${formatMemory(Math.ceil(peakBytes / 2 ** 20))} in use when last measured`;
  const killed = `the run was killed because it ran out of memory${used}`;
  for (const [key, each] of PER) {
    const limit = asked[`${key}_mb`];
    if (limit === undefined) continue;
    const suggested = roundedMemoryMb(2 * limit);
    return {
      ...place(key),
      current: asked[key] ?? null,
      suggested: formatMemory(suggested),
      why: `${killed}; this is ${timesAs(limit, suggested)} its limit for each ${each}`,
    };
  }
  if (asked.memory_mb === 0)
    return {
      ...place('memory'),
      current: asked.memory ?? null,
      suggested: null,
      why: `${killed}, and it had all the memory of its nodes: name larger ones (partition, constraint), or ask for more nodes`,
    };
  return moreMemory(iterationId, asked.memory ?? null, asked.memory_mb, peakBytes);
}

const PER = [
  ['memory_per_cpu', 'processor'],
  ['memory_per_gpu', 'GPU'],
] as const;
