import { describe, expect, it } from 'vitest';
import type { RunRow } from '../../index.ts';
import { tableCells } from './columns.ts';
import { fittingRuns, runsTable } from './runs-table.ts';
import { table } from './table.ts';

const ROW: RunRow = {
  run_id: '20261129T090250Z_184e8a',
  iteration_id: 'penguins',
  experiment_id: 'penguins',
  tree: '.',
  started_at: '2026-11-29T09:02:51.000Z',
  mode: 'local',
  job_id: null,
  status: 'completed',
  outcome: 'completed',
  code: 'run.completed',
  duration_seconds: 31,
  queued_seconds: null,
  running_seconds: 28,
  tasks: null,
  metric: { name: 'accuracy', value: 0.9795, delta: 0.538, mode: 'maximize' },
  metrics: {},
  program: 'node train.mjs',
  arguments: { epochs: '600', lr: '0.1' },
  commit: '54ce4a93b224',
  dirty: false,
};

const linesAt = (width: number): readonly string[] => {
  const fitted = fittingRuns(runsTable([ROW], ['epochs', 'lr'], false), width);
  const heads = fitted.table.columns.map(({ head }) => head);
  return [...table(heads, tableCells(fitted.table)).trimEnd().split('\n'), fitted.left.join(' ')];
};

describe('the list of runs on a terminal', () => {
  it('has all columns where there is room', () => {
    expect(linesAt(200)[0]).toMatch(/^run +started +mode +outcome +running +accuracy +delta +epochs +lr +commit$/);
    expect(linesAt(200).at(-1)).toBe('');
  });

  it.each([120, 80, 60, 40])('is no wider than %i columns, and says what it left out', (width) => {
    const lines = linesAt(width);
    expect(lines.slice(0, -1).every((line) => line.length <= width)).toBe(true);
    expect(lines[0]).toMatch(/^run +outcome|^run +/);
    if (width === 80) expect(lines.at(-1)).toContain('started');
  });
});
