import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** Who carries a run out is asked of the executor, never by its name. */

const COMPARES = /(?:[!=]==? |case )'(?:local|slurm)'/;
/** Where the word is a document's, and not the kind of a run: a design's key, a line of Slurm's own ledger, old records. */
const DOCUMENTS = /^src\/(?:executors|schedulers|project|records\/(?:format-1|ledger\.ts))/;

it('compares no kind of run by name outside of the executors', () => {
  const files = execFileSync('git', ['ls-files', 'src'], { encoding: 'utf8' }).trimEnd().split('\n');
  const sources = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !DOCUMENTS.test(file));

  const found = sources.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, index) => (COMPARES.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  );

  expect(sources.length).toBeGreaterThan(200);
  expect(found).toEqual([]);
});
