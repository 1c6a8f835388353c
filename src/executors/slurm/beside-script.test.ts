import { expect, it } from 'vitest';
import { OPENED } from '../../../test/support/finished-run.ts';
import { textsBeside } from './beside-script.ts';

/** A run keeps the files of the version that opened it, whichever version drives it. */

function namesBeside(format: number): readonly string[] {
  return textsBeside({ ...OPENED, format }, '/run').map(([name]) => name);
}

it.each([
  [1, []],
  [2, ['wrapper.sh']],
  [3, ['wrapper.sh']],
])('puts nothing new beside a run of format %s', (format, names) => {
  expect(namesBeside(format)).toEqual(names);
});

it('puts the sampler beside a run of format 4', () => {
  expect(namesBeside(4)).toContain('sample.sh');
});
