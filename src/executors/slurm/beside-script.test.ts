import { expect, it } from 'vitest';
import type { OpenedData } from '../../records/run-data.ts';
import { textsBeside } from './beside-script.ts';

/** A run keeps the files of the version that opened it, whichever version drives it. */

function namesBeside(format: number): readonly string[] {
  const opened = {
    format,
    artifacts: [],
    documents: { script: '', prompt: '', context: '' },
    entrypoint: { argv: ['true'] },
    resource_request: { time_seconds: 3600 },
  } as unknown as OpenedData;
  return textsBeside(opened, '/run').map(([name]) => name);
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
