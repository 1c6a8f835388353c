import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { ELEMENT_CLOCK } from './clock.ts';

/** The clock of an element, as bash runs it. */

const MOMENTS = [
  '1970-01-01T00:00:00.000Z',
  '1999-12-31T23:59:59.990Z',
  '2000-02-29T12:00:00.010Z',
  '2024-02-28T23:59:59.990Z',
  '2024-02-29T00:00:00.000Z',
  '2024-03-01T00:00:00.000Z',
  '2026-07-05T06:07:08.090Z',
  '2026-07-05T06:07:08.090Z',
  '2099-12-31T23:59:59.990Z',
  '2100-02-28T23:59:59.990Z',
  '2100-03-01T00:00:00.000Z',
];

it('tells any moment, also from one day to another and back', () => {
  // Stamps at the given moments: the kernel's clock stands still.
  const stamps = MOMENTS.map((at) => `autolab_boot=${Date.parse(at)}; autolab_stamp; echo "$autolab_ms $autolab_at"`);
  const still = ELEMENT_CLOCK.replaceAll('/proc/uptime', '<(echo 0.00 0.00)');
  const script = `autolab_path="$PATH"\n${still}\n${[...stamps, ...stamps.toReversed()].join('\n')}\n`;

  const said = execFileSync('bash', ['-euo', 'pipefail', '-c', script], { encoding: 'utf8' }).trimEnd().split('\n');

  const right = MOMENTS.map((at) => `${Date.parse(at)} ${at}`);
  expect(said).toEqual([...right, ...right.toReversed()]);
});
