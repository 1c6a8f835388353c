import { renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/project.ts';
import { type MadeTask, writeTasksRun } from '../../../test/support/tasks/task-records.ts';
import { readTextOrNull } from '../../platform/files.ts';
import { parseChecksums } from '../../records/checksums.ts';
import type { RunPaths } from '../../records/paths.ts';
import { readTaskMetrics } from './task-metrics.ts';

const task = (metrics: MadeTask['metrics']): MadeTask => ({
  params: { a: '1' },
  ...(metrics === undefined ? {} : { metrics }),
});

function readAll(paths: RunPaths, names: readonly string[], count: number, { closed = true, others = 0 } = {}) {
  const text = readTextOrNull(paths.artifacts) ?? '';
  const recorded = closed ? parseChecksums(text, 'artifacts.sha256').value : null;
  const indices = Array.from({ length: count }, (_, index) => index);
  const read = readTaskMetrics({ paths, file: 'metrics.json', names, others, recorded }, indices);
  return Array.from(read, ({ values, problems }) => [
    Object.fromEntries([...values].map(([name, { value }]) => [name, value])),
    problems.map(({ file, pointer, code }) => [file, pointer, code]),
  ]);
}

describe('metrics of tasks', () => {
  it('are read from the folder of each, and what is wrong is named', () => {
    const made = [
      task({ accuracy: 0.5, loss: 1 }),
      task('{"accuracy": NaN}'),
      task({ accuracy: 'high' }),
      task({ acuracy: 1 }),
      task('{"accuracy": '),
      task(null),
      task(''),
    ];
    const paths = writeTasksRun(temporaryFolder(), made);
    const file = (index: number): string => `experiments/iter1/runs/r1/tasks/${index}/metrics.json`;
    expect(readAll(paths, ['accuracy'], made.length)).toEqual([
      [{ accuracy: 0.5 }, []],
      [{}, [[file(1), '/accuracy', 'value.invalid']]],
      [{}, [[file(2), '/accuracy', 'value.type']]],
      [{}, [[file(3), '/accuracy', 'value.missing']]],
      [{}, [[file(4), null, 'file.syntax']]],
      [{}, [[file(5), null, 'file.missing']]],
      [{}, [[file(6), null, 'file.empty']]],
    ]);
  });

  it('are other numbers of the file, too, if they are asked for', () => {
    const paths = writeTasksRun(temporaryFolder(), [task({ b: 2, a: 1, name: 'x', inner: { c: 3 } })]);
    expect(readAll(paths, [], 1, { others: 9 })).toEqual([[{ b: 2, a: 1 }, []]]);
    expect(readAll(paths, ['inner.c', 'a'], 1, { others: 9 })).toEqual([[{ 'inner.c': 3, a: 1, b: 2 }, []]]);
    expect(readAll(paths, ['a'], 1, { others: 0 })).toEqual([[{ a: 1 }, []]]);
    expect(readAll(paths, [], 1, { others: 1 })).toEqual([[{ b: 2 }, []]]);
  });

  it('are not those of a file that a link leads to', () => {
    const paths = writeTasksRun(temporaryFolder(), [task({ accuracy: 0.5 })]);
    const file = join(paths.folder, 'tasks/0/metrics.json');
    renameSync(file, `${file}.real`);
    symlinkSync('metrics.json.real', file);
    expect(readAll(paths, ['accuracy'], 1, { closed: false })).toEqual([
      [{}, [['experiments/iter1/runs/r1/tasks/0/metrics.json', null, 'file.not_a_file']]],
    ]);
  });

  it('count only as they were recorded, unless the run is open', () => {
    const made = [task({ accuracy: 0.5 }), task({ accuracy: 0.6 })];
    const paths = writeTasksRun(temporaryFolder(), made);
    writeFileSync(join(paths.folder, 'tasks/1/metrics.json'), '{"accuracy": 1}');
    const file = 'experiments/iter1/runs/r1/tasks/1/metrics.json';
    expect(readAll(paths, ['accuracy'], 2)).toEqual([
      [{ accuracy: 0.5 }, []],
      [{}, [[file, null, 'file.changed']]],
    ]);
    expect(readAll(paths, ['accuracy'], 2, { closed: false })).toEqual([
      [{ accuracy: 0.5 }, []],
      [{ accuracy: 1 }, []],
    ]);
  });
});
