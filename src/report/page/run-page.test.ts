import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HOSTILE, recordIn, sampleRecords } from '../../../test/support/pages/sample-records.ts';
import { runPaths } from '../../records/paths.ts';
import { readRecord, type RunRecord } from '../read-record.ts';
import { renderRunPage } from './run-page.ts';

const completed = recordIn('format-2/slurm-completed/journal.jsonl');

const journals = readdirSync('test/fixtures/records', { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('journal.jsonl'),
);

const points = Array.from({ length: 2000 }, (_, t) => ({
  t,
  cpu_seconds: t * 1.5,
  memory_bytes: 1e8 + t * 5e4,
  gpu: [{ util: t % 100, memory_bytes: 1e9 }],
}));

/** A record of a run that left much. */
const large: RunRecord = {
  ...completed,
  usage: points,
  curves: {
    points: points.map(({ t }) => ({ step: t, values: { train_loss: 1 / (t + 1), val_loss: 2 / (t + 1) } })),
    names: ['train_loss', 'val_loss'],
    bad_lines: 3,
  },
  artifacts: Array.from({ length: 100_000 }, (_, index) => ({ path: `out/${index}`, sha256: 'a'.repeat(64) })),
};

describe('the page of a run', () => {
  it.each(journals)('is made of a record of any format: %s', (journal) => {
    const page = renderRunPage(recordIn(journal));
    expect(page).toMatch(/<h1>.*<\/svg>(?:Completed|Failed|Cancelled|Abandoned|Queued|Running|Not started)<\/h1>/);
    expect(page).toContain('How to check this page');
    expect(page).not.toMatch(/undefined|NaN|\[object /);
  });

  it('says how the run ended, why, and what to do', () => {
    const page = renderRunPage(recordIn('format-2/slurm-failed/journal.jsonl'));
    expect(page).toContain('Failed</h1>');
    expect(page).toContain('The job ended with exit code 3.');
    expect(page).toContain('<code>slurm.failed</code>');
    expect(page).toMatch(/Next, when it ended: .*<code>autolab /);
    expect(renderRunPage(recordIn('format-1/local-completed/journal.jsonl'))).not.toContain('Next: ');
  });

  it('leaves out what says nothing', () => {
    const { commit } = completed.manifest;
    const sha = 'c0ffee'.repeat(6);
    const page = renderRunPage({
      ...completed,
      manifest: { ...completed.manifest, commit: { ...commit, sha, describe: 'c0ffeec' } },
      environment: { packages: { node: {}, python: { numpy: '2.1.0' } } },
    });
    expect(page).not.toMatch(/Packages of node|Described as/);
    expect(page).toContain('Packages of python: 1');
    expect(renderRunPage(recordIn('format-2/local-completed/journal.jsonl'))).not.toContain('<li>exit code 0</li>');
  });

  it('shows the last line of a program that failed, visible and bounded', () => {
    const failed = recordIn('format-2/local-failed/journal.jsonl');
    const pageWith = (stdout: string | null, stderr: string | null, record = failed): string =>
      renderRunPage({ ...record, logs: { stdout, stderr } }).replace(/<section[^]*/, '');
    expect(pageWith('out\n', 'a\n\u001B[31mValueError: <x>\u0007\u001B[0m\n \n')).toContain(
      'Last line of its log: <code>ValueError: &lt;x&gt;⟨U+0007⟩</code>',
    );
    expect(pageWith('first\nlast\n\n', '\n')).toContain('Last line of its log: <code>last</code>');
    expect(pageWith(null, 'x'.repeat(5000))).toContain(`<code>${'x'.repeat(299)}…</code>`);
    expect(pageWith(null, ' \n')).not.toContain('Last line');
    for (const other of [completed, recordIn('format-2/local-cancelled/journal.jsonl')])
      expect(pageWith('out\n', 'err\n', other)).not.toContain('Last line');
  });

  it('says that a memory limit was not enforced, only where it was not', () => {
    const over = (limit: Partial<NonNullable<RunRecord['manifest']['local']>>, used: number): string => {
      const { manifest, ...rest } = recordIn('format-2/local-completed/journal.jsonl');
      const { usage, local } = manifest;
      return renderRunPage({
        ...rest,
        manifest: {
          ...manifest,
          local: local === null ? null : { ...local, ...limit },
          usage: {
            requested: { ...usage.requested, memory_mb: 1024 },
            used: { ...usage.used, max_rss_bytes: used * 1024 ** 3 },
          },
        },
      });
    };
    expect(over({}, 2)).toContain('2 GiB of 1 GiB (200\u00A0%); the limit was not enforced</td>');
    expect(over({}, 0.5)).not.toContain('not enforced');
    expect(over({ memory_limit_bytes: 1024 ** 3 }, 2)).not.toContain('not enforced');
  });

  it('shows what an open run wrote so far, and nothing of a closed one that was not recorded', () => {
    const folder = mkdtempSync(join(tmpdir(), 'autolab-test-'));
    const pageOf = ({ view }: RunRecord): string => {
      const paths = runPaths(folder, view.opened.iteration_id, view.opened.run_id);
      mkdirSync(paths.receipt, { recursive: true });
      writeFileSync(
        join(paths.receipt, 'usage.jsonl'),
        [1, 2, 3].map((t) => `{"t":${t},"cpu_seconds":${t},"memory_bytes":1048576}\n`).join(''),
      );
      writeFileSync(join(paths.folder, 'metrics.jsonl'), '{"step":1,"loss":0.5}\n{"step":2,"loss":0.25}\n{"st');
      return renderRunPage(readRecord(view, paths));
    };
    try {
      const open = pageOf(
        recordIn('format-2/open-local-running/project/experiments/iter1/runs/20261129T013108Z_8ac275/journal.jsonl'),
      );
      expect(open).toContain('<strong>loss</strong>');
      expect(open).toContain('<strong>Memory</strong>');
      expect(open).toMatch(/<td>3 s of [^<]*, so far<\/td>/);
      expect(open).not.toMatch(/Nothing was sampled|not known/);
      const closed = pageOf(completed);
      expect(closed).not.toContain('<strong>loss</strong>');
      expect(closed).toContain('Nothing was sampled while it ran.');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('names the memory that ran out, and draws what there was of it', () => {
    const page = renderRunPage(sampleRecords().get('out-of-memory') ?? completed);
    expect(page).toContain('Out of memory</h1>');
    expect(page).toContain('4 GiB of 4 GiB (100\u00A0%)');
    expect(page).toContain('>requested 4 GiB</text>');
    expect(page).toMatch(/<code>4G<\/code> → <code>6G<\/code>/);
  });

  it('has times from a second to a week', () => {
    const week = renderRunPage(sampleRecords().get('week') ?? completed);
    expect(week).toContain('queued 1 d 1 h, running 6 d 19 h');
    expect(renderRunPage(sampleRecords().get('second') ?? completed)).toMatch(/running 0\.\d+ s/);
  });

  it('shows curves, tells what it leaves out, and stays small', () => {
    const page = renderRunPage(large);
    expect(page.length).toBeLessThan(400_000);
    expect(page.match(/<figure class="chart">/g)).toHaveLength(5);
    expect(page).toContain('99900 more are in artifacts.sha256.');
    expect(page).toContain('3 lines of metrics.jsonl cannot be read.');
  });

  it('stays below 1 MiB whatever the run left', () => {
    const long = HOSTILE.repeat(200);
    const names = Array.from({ length: 500 }, (_, index) => `${HOSTILE}${index}`);
    const record: RunRecord = {
      ...large,
      curves: {
        names,
        bad_lines: 0,
        points: points.map(({ t }) => ({
          step: t,
          values: Object.fromEntries(names.slice(0, 100).map((name, index) => [name, (t * index) % 17])),
        })),
      },
      metrics: names.map((name) => ({ name: long + name, value: 1, mode: null, baselines: [] })),
      logs: { stdout: `${long}\n`.repeat(100), stderr: long },
      patch: `${long}\n`.repeat(100),
      environment: { packages: { python: Object.fromEntries(names.map((name) => [long + name, long])) } },
      tables: [
        { path: long, rows: Array.from({ length: 12 }, () => Array.from({ length: 10 }, () => HOSTILE)), left: 1 },
      ],
      pictures: [{ path: long, type: 'image/png', base64: 'A'.repeat(480_000) }],
    };
    expect(Buffer.byteLength(renderRunPage(record))).toBeLessThanOrEqual(1024 * 1024);
  });

  it('takes hostile text for text', () => {
    const record: RunRecord = {
      ...large,
      metrics: [{ name: HOSTILE, value: 1, mode: 'maximize', baselines: [{ name: HOSTILE, value: 0, delta: 1 }] }],
      curves: { names: [HOSTILE], points: [{ step: 1, values: { [HOSTILE]: 2 } }], bad_lines: 0 },
      artifacts: [{ path: HOSTILE, sha256: 'a'.repeat(64) }],
      logs: { stdout: HOSTILE, stderr: `10 %\r50 %\r100 %\r\n\u001B[1mbold\u001B[0m\u0007\n` },
      patch: HOSTILE,
      environment: { os: HOSTILE, variables: { [HOSTILE]: HOSTILE }, packages: { [HOSTILE]: { [HOSTILE]: HOSTILE } } },
      tables: [{ path: HOSTILE, rows: [[HOSTILE], [HOSTILE]], left: 0 }],
    };
    const page = renderRunPage(record);
    expect(page.match(/<\/?(?:script|img)/g)).toBeNull();
    expect(page.match(/<\/style>/g)).toHaveLength(1);
    expect(page).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E]|\p{Cs}/u);
    expect(page).toContain('100 %\nbold⟨U+0007⟩</pre>');
  });
});
