import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, renameSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/project.ts';
import { runPaths } from '../records/paths.ts';
import { observedMetrics, observedUsage } from './observed-series.ts';

const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

let root = '';
const paths = () => runPaths(root, 'i', 'r');
const metrics = (): string => join(paths().folder, 'metrics.jsonl');
const usage = (): string => join(paths().receipt, 'usage.jsonl');

beforeEach(() => {
  root = temporaryFolder();
  mkdirSync(paths().receipt, { recursive: true });
});

describe('metrics.jsonl', () => {
  it('is counted, and has the digest of its bytes', async () => {
    const bytes = Buffer.concat([
      Buffer.from('{"step":1,"loss":2}\noops\n{"acc":1,"x":"'),
      Buffer.from([0xff, 0x22, 0x7d]),
    ]);
    writeFileSync(metrics(), bytes);
    expect(await observedMetrics(paths())).toEqual({
      points: 2,
      sha256: sha256(bytes),
      bad_lines: 1,
      names: ['acc', 'loss'],
    });
  });

  it.each<[string, () => void]>([
    ['nothing', () => undefined],
    [
      'a folder',
      () => {
        mkdirSync(metrics());
      },
    ],
    [
      'a fifo',
      () => {
        execFileSync('mkfifo', [metrics()]);
      },
    ],
    [
      'a link that leads out',
      () => {
        writeFileSync(join(root, 'secret'), '{"loss":1}\n');
        symlinkSync(join(root, 'secret'), metrics());
      },
    ],
    [
      'a link to nowhere',
      () => {
        symlinkSync('nowhere', metrics());
      },
    ],
    [
      'a link to itself',
      () => {
        symlinkSync('metrics.jsonl', metrics());
      },
    ],
  ])('is none if it is %s', async (_what, make) => {
    make();
    expect(await observedMetrics(paths())).toBe(null);
  });

  it('is an empty series if it is empty', async () => {
    writeFileSync(metrics(), '');
    expect(await observedMetrics(paths())).toEqual({ points: 0, sha256: sha256(''), bad_lines: 0, names: [] });
  });

  it('is read in part if it is too large, with one line that is too long', async () => {
    writeFileSync(metrics(), '{"loss":1}\n');
    // 100 MB of zeros, of which the disk has none.
    truncateSync(metrics(), 100_000_000);
    appendFileSync(metrics(), '\n{"loss":2}\n');
    const seen = await observedMetrics(paths());
    expect(seen).toMatchObject({ points: 1, bad_lines: 0, names: ['loss'], sha256: sha256(readFileSync(metrics())) });
    expect(seen?.bytes_read).toBeLessThanOrEqual(64 * 1024 * 1024);
  });

  it('goes on behind a line that is too long', async () => {
    writeFileSync(metrics(), `{"loss":1}\n{"note":"${'x'.repeat(3_000_000)}","loss":2}\n{"loss":3}\n`);
    expect(await observedMetrics(paths())).toMatchObject({ points: 2, bad_lines: 1 });
  });
});

describe('usage.jsonl', () => {
  const TEXT =
    '{"t":1,"cpu_seconds":1,"memory_bytes":5}\n{"t":2,"gpu":[{"util":1,"memory_bytes":2},{"util":1,"memory_bytes":2}]}\n';

  it('is counted', () => {
    writeFileSync(usage(), TEXT);
    expect(observedUsage(paths())).toEqual({ points: 2, sha256: sha256(TEXT), gpus: 2 });
  });

  it.each<[string, () => void]>([
    ['nothing', () => undefined],
    [
      'without a point',
      () => {
        writeFileSync(usage(), 'oops\n');
      },
    ],
    [
      'a folder',
      () => {
        mkdirSync(usage());
      },
    ],
    [
      'a fifo',
      () => {
        execFileSync('mkfifo', [usage()]);
      },
    ],
    [
      'far too large',
      () => {
        writeFileSync(usage(), TEXT);
        truncateSync(usage(), 3_000_000_000);
      },
    ],
    [
      'a link',
      () => {
        writeFileSync(join(root, 'other'), TEXT);
        symlinkSync(join(root, 'other'), usage());
      },
    ],
    [
      'in a folder that is a link out',
      () => {
        const elsewhere = join(root, 'elsewhere');
        renameSync(paths().receipt, elsewhere);
        writeFileSync(join(elsewhere, 'usage.jsonl'), TEXT);
        symlinkSync(elsewhere, paths().receipt);
      },
    ],
  ])('is none if it is %s', (_what, make) => {
    make();
    expect(observedUsage(paths())).toBe(null);
  });
});
