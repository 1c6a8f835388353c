import { describe, expect, it } from 'vitest';
import { matchArtifacts } from './artifact-match.ts';

const PATHS = ['checkpoints/.state', 'checkpoints/1/a.bin', 'checkpoints/2.bin', 'logs/stdout.log', 'metrics.json'];
const matchesOf = (path: string): readonly string[] | undefined =>
  matchArtifacts([{ path, required: true }], PATHS)[0]?.matches;

describe('matchArtifacts', () => {
  it('says for each declared artifact what it names', () => {
    expect(
      matchArtifacts(
        [
          { path: 'metrics.json', required: true },
          { path: '*.csv', required: false },
        ],
        PATHS,
      ),
    ).toEqual([
      { pattern: 'metrics.json', required: true, matches: ['metrics.json'] },
      { pattern: '*.csv', required: false, matches: [] },
    ]);
  });

  it.each([
    ['./metrics.json', ['metrics.json']],
    ['checkpoints/**', ['checkpoints/1/a.bin', 'checkpoints/2.bin']],
    ['checkpoints/*', ['checkpoints/2.bin']],
    ['checkpoints', ['checkpoints/.state', 'checkpoints/1/a.bin', 'checkpoints/2.bin']],
    ['checkpoints/', ['checkpoints/.state', 'checkpoints/1/a.bin', 'checkpoints/2.bin']],
    ['check\\points', ['checkpoints/.state', 'checkpoints/1/a.bin', 'checkpoints/2.bin']],
    ['checkpoint', []],
    ['log?', []],
    ['metrics', []],
  ])('%s', (pattern, expected) => {
    expect(matchesOf(pattern)).toEqual(expected);
  });
});
