import { expect, it } from 'vitest';
import { OPENED } from '../../../test/support/finished-run.ts';
import { textsBeside } from './beside-script.ts';

/** A run keeps the files of the version that opened it, whichever version drives it. */

const TASKS = { sha256: '', count: 1, max_parallel: null, max_failures: null, workers: null, time_seconds: null };

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

it('puts beside a run with many tasks what its elements read, and no sampler', () => {
  const tasks = { ...TASKS, parameters: [{ name: 'seed', values: 1, min: '0', max: '0' }] };
  const texts = new Map(textsBeside({ ...OPENED, format: 5, tasks }, '/run'));
  expect([...texts.keys()]).toEqual(['tasks.sh', 'environment.sh']);
  expect(texts.get('tasks.sh')).toContain('autolab_names=(seed) autolab_grace=10\n');
});

it('puts the sampler beside a run of format 4', () => {
  expect(namesBeside(4)).toContain('sample.sh');
});
