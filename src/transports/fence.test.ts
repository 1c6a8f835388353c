import { describe, expect, test } from 'vitest';
import { fc } from '../../test/support/properties.ts';
import { beginMark, endMark, Fence } from './fence.ts';

const MARK = 'c0ffee';

/** The stream of a host, split into chunks at arbitrary places. */
function feed(fence: Fence, stream: Buffer, cuts: readonly number[]): Fence {
  const places = [...new Set(cuts.map((cut) => cut % (stream.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const to of [...places, stream.length]) {
    fence.add(stream.subarray(from, to));
    from = to;
  }
  return fence;
}

function streamOf(before: Uint8Array, inside: Uint8Array, after: Uint8Array, status = '0'): Buffer {
  const [begin, end] = [`\n${beginMark(MARK)}\n`, `\n${endMark(MARK)} ${status}\n`];
  return Buffer.concat([before, Buffer.from(begin), inside, Buffer.from(end), after]);
}

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.constantFrom('', '\n', '\n\n', 'x\n').map((text) => Buffer.from(text)),
);
const cuts = fc.array(fc.nat(), { maxLength: 12 });

describe('a fence', () => {
  test('keeps what is inside of it, to the byte, however it comes', () => {
    fc.assert(
      fc.property(bytes, bytes, bytes, cuts, fc.nat(255), (before, inside, after, places, status) => {
        const fence = feed(new Fence(MARK, 1000), streamOf(before, inside, after, String(status)), places);
        expect(Buffer.compare(fence.take(), inside)).toBe(0);
        expect([fence.began, fence.ended, fence.truncated]).toEqual([true, true, false]);
        expect(fence.ending).toBe(`${status}\n`);
        expect(fence.noise()).toBe(Buffer.from(before).toString('utf8').trim());
      }),
    );
  });

  test('knows where the stream broke', () => {
    const whole = streamOf(Buffer.from('hello'), Buffer.from('inside'), Buffer.alloc(0));
    for (let length = 0; length < whole.length; length += 1) {
      const fence = feed(new Fence(MARK, 1000), whole.subarray(0, length), []);
      expect(fence.ended).toBe(false);
    }
  });

  test('keeps no more than the limit, neither inside nor before', () => {
    const stream = streamOf(Buffer.alloc(1_000_000, 'n'), Buffer.from('0123456789'), Buffer.alloc(0));
    const fence = feed(new Fence(MARK, 4), stream, [300_000, 600_000, 900_000]);
    expect(fence.take().toString()).toBe('0123');
    expect([fence.truncated, fence.ended]).toEqual([true, true]);
    expect(fence.noise().length).toBeLessThan(200_000);
  });
});
