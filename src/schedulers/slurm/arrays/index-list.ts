/** Indices of an array as Slurm writes and takes them. Pure. Answers of 22.05. */

/** No array has more elements (MaxArraySize). */
const MOST = 4_000_001;

/**
 * `3`, `0-2,4-9%4`, `1-399:2`, with or without brackets. Returns null for anything else, such as `N/A`, and for a list that
 * was cut off: Slurm cuts at 64 characters unless SLURM_BITSTR_LEN is 0.
 */
export function readIndices(text: string): readonly number[] | null {
  const list = /^\[?([\d,:-]+)(?:%\d+)?\]?$/.exec(text.trim())?.[1];
  if (list === undefined) return null;
  const indices: number[] = [];
  for (const part of list.split(',')) {
    const [, from = '', to = from, step = '1'] = /^(\d{1,7})(?:-(\d{1,7})(?::(\d{1,7}))?)?$/.exec(part) ?? [];
    if (from === '' || Number(to) > MOST || Number(step) < 1) return null;
    for (let index = Number(from); index <= Number(to); index += Number(step)) indices.push(index);
  }
  return indices;
}

/** Ascending indices as `0,3,5-7`. */
export function writeIndices(indices: readonly number[]): string {
  const ranges: { readonly from: number; to: number }[] = [];
  for (const index of indices) {
    const last = ranges.at(-1);
    if (last !== undefined && last.to === index - 1) last.to = index;
    else ranges.push({ from: index, to: index });
  }
  return ranges.map(({ from, to }) => (from === to ? String(from) : `${from}-${to}`)).join(',');
}
