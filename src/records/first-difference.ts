/** The first line in which two texts differ, from 1, as each has it; null past the end of the shorter one. Pure. */
export function firstDifference(found: string, expected: string) {
  const [ours, theirs] = [found.split('\n'), expected.split('\n')];
  const length = Math.max(ours.length, theirs.length);
  for (let index = 0; index < length; index += 1)
    if (ours[index] !== theirs[index])
      return { line: index + 1, found: ours[index] ?? null, expected: theirs[index] ?? null };
  return null;
}
