import { expect, it } from 'vitest';
import { ByteLines } from './byte-lines.ts';

function linesIn(text: string, pieceBytes: number, longest = 8): readonly (string | null)[] {
  const [cut, bytes] = [new ByteLines(longest), Buffer.from(text)];
  const lines: (string | null)[] = [];
  for (let start = 0; start < bytes.length; start += pieceBytes)
    lines.push(...cut.add(bytes.subarray(start, start + pieceBytes)));
  return [...lines, cut.take()];
}

it.each([1, 2, 3, 5, 100])('cuts the same lines out of pieces of %d bytes', (pieceBytes) => {
  expect(linesIn('a\n\ngröße\n123456789\n12345678\nend', pieceBytes)).toEqual([
    'a',
    '',
    'größe',
    null,
    '12345678',
    'end',
  ]);
});

it.each([1, 4])('keeps nothing of a line that is too long, also at the end (pieces of %d)', (pieceBytes) => {
  expect(linesIn('1234567890123456', pieceBytes)).toEqual([null]);
});
