import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../platform/ids.ts';
import type { Manifest } from '../records/manifest-schema.ts';
import { runPaths } from '../records/paths.ts';
import { type FinalMetric, finalMetrics } from './final-metrics.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'autolab-test-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

/** Of a run whose metrics.json has this text; `recorded`: what its record vouches for. */
function metricsOf(text: string, declared: Partial<NonNullable<Manifest['metrics']>> = {}, recorded = text) {
  const paths = runPaths(root, 'iter1', 'r1');
  mkdirSync(paths.folder, { recursive: true });
  writeFileSync(join(paths.folder, 'metrics.json'), text);
  const metrics = { file: 'metrics.json', primary: null, others: [], baselines: [], ...declared };
  return finalMetrics(paths, { metrics }, [{ path: 'metrics.json', sha256: sha256(recorded), kind: 'file' }]);
}

const short = (metrics: readonly FinalMetric[]) => metrics.map(({ name, value }) => [name, value]);

describe('the final metrics of a run', () => {
  it('are the declared ones first, then the other numbers of the file', () => {
    const found = metricsOf('{"b": 2, "loss": 0.5, "a": 1, "note": "x"}', { others: ['loss'] });
    expect(short(found)).toEqual([
      ['loss', 0.5],
      ['a', 1],
      ['b', 2],
    ]);
  });

  it('may be named by a path, and a NaN hurts only the metric that it stands for', () => {
    const primary = { name: 'val.accuracy', mode: 'maximize' } as const;
    const found = metricsOf('{"val": {"accuracy": 0.75}, "loss": NaN, "epochs": 3}', { primary, others: ['loss'] });
    expect(short(found)).toEqual([
      ['val.accuracy', 0.75],
      ['epochs', 3],
    ]);
  });

  it('are ahead of their baselines by the decimal difference', () => {
    const primary = { name: 'accuracy', mode: 'maximize' } as const;
    const baselines = [{ name: 'old', value: 0.8, others: {} }];
    expect(metricsOf('{"accuracy": 0.9}', { primary, baselines })[0]?.baselines).toEqual([
      { name: 'old', value: 0.8, delta: 0.1 },
    ]);
  });

  it('are none if the record does not vouch for the file', () => {
    expect(metricsOf('{"a": 1}', {}, '{"a": 2}')).toEqual([]);
  });
});
