import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { canonicalLine } from '../../src/records/canonical.ts';
import { temporaryFolder } from './project.ts';

/** Records that older versions left, put into a project of a test. test/fixtures/records/README.md says what they are. */

const FOLDER = 'test/fixtures/records';
const FIXTURE_ROOT = '/home/user/project';

/** Closed runs: `<format>/<place>-<end>`. */
export const CLOSED = (
  [
    ['format-1', ['completed', 'failed', 'resumed', 'abandoned']],
    ['format-2', ['completed', 'failed', 'cancelled']],
    ['format-3', ['completed', 'failed', 'cancelled']],
    ['format-4', ['completed', 'failed', 'cancelled']],
  ] as const
).flatMap(([format, ends]) =>
  ['local', 'slurm', 'ssh'].flatMap((place) => ends.map((end) => `${format}/${place}-${end}`)),
);

export function recordOf(name: string): { readonly journal: string; readonly manifest: string } {
  const folder = join(FOLDER, name);
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
  return { journal: read('journal.jsonl'), manifest: read('run_manifest.json') };
}

/** Pairs of a text in the fixture and what takes its place. */
export type Names = readonly (readonly [from: string, to: string])[];

/** A project whose open run an older version left; its root. `names`: of its world, besides the project's folder and this host. */
export function openProject(name: string, names: Names = [], root = temporaryFolder(), format = 1): string {
  copyTree(join(FOLDER, `format-${format}`, name, 'project'), root, [
    ...names,
    [FIXTURE_ROOT, root],
    ['login1', hostname()],
  ]);
  return root;
}

/** The tree of a run on the launch host. */
export function copyFarTree(name: string, to: string, names: Names): void {
  copyTree(join(FOLDER, 'format-1', name, 'far'), to, names);
}

/** The id of a job that the fixture has as `old`, wherever it stands. */
export function jobNames(old: string, id: string): Names {
  return [
    [`"job_id":"${old}"`, `"job_id":"${id}"`],
    [`"job_id": "${old}"`, `"job_id": "${id}"`],
    [`job_id=${old} `, `job_id=${id} `],
  ];
}

/** The name of a cluster, which the fixture has as `c1`. */
export function clusterNames(name: string): Names {
  return [['"name":"c1"', `"name":"${name}"`]];
}

function copyTree(from: string, to: string, names: Names): void {
  cpSync(from, to, { recursive: true });
  for (const path of readdirSync(to, { recursive: true, encoding: 'utf8' })) {
    const file = join(to, path);
    if (!statSync(file).isFile()) continue;
    const text = readFileSync(file, 'utf8');
    const named = names.reduce((all, [old, own]) => all.replaceAll(old, own), text);
    writeFileSync(file, path.endsWith('journal.jsonl') ? chained(named) : named);
  }
}

/** The journal's lines with the digests that they have now. */
export function chained(text: string): string {
  let prev = '0'.repeat(64);
  const lines = text.trimEnd().split('\n');
  return lines
    .map((line) => {
      const written = canonicalLine({ ...(JSON.parse(line) as Record<string, unknown>), prev });
      prev = createHash('sha256').update(written).digest('hex');
      return `${written}\n`;
    })
    .join('');
}
