import type { Check } from '../../index.ts';
import { painter } from './output.ts';
import { visible } from './visible.ts';

const MARKS = { ok: '✔', warn: '!', fail: '✖' } as const;
const STYLES = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

/** One line for each check: what was found, and the fix. */
export function checkLines(checks: readonly Check[], color: boolean): string {
  const paint = painter(color);
  return checks
    .map(
      ({ name, status, found, mend }) =>
        `${paint(STYLES[status], MARKS[status])} ${name}: ${visible(found).replace(/\.$/, '')}${mend === null ? '' : `. ${visible(mend)}`}\n`,
    )
    .join('');
}
