import { appendFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  AT,
  type FinishedRun,
  makeFinishedRun,
  OPENED,
  projectRun,
  RUN,
  SCRIPT,
  WRITES,
} from '../../test/support/finished-run.ts';
import { sha256 } from '../platform/ids.ts';
import type { Manifest, VerifierResult } from '../records/manifest-schema.ts';
import { VERIFIERS_RUN } from './results.ts';
import { takeSnapshot } from './snapshot.ts';
import { VERIFIERS, verifyAll } from './table.ts';

let run: FinishedRun;
beforeEach(() => {
  run = makeFinishedRun();
});
afterEach(() => {
  run.remove();
});

async function verify(digest = true): Promise<Record<string, VerifierResult>> {
  const results = verifyAll(await takeSnapshot(run.root, 'iter1', 'r1', { projectManifest: projectRun, digest }));
  return Object.fromEntries(results.map((result) => [result.name, result]));
}
const statuses = async (): Promise<Record<string, string>> =>
  Object.fromEntries(Object.entries(await verify()).map(([name, result]) => [name, result.status]));

const GOOD = {
  ...Object.fromEntries(VERIFIERS.map(([name]) => [name, 'pass'])),
  approval: 'skip',
  ledger: 'skip',
  code_rebuildable: 'skip',
};

/** What is done to the good run, what is found, and that nothing else is. */
const CASES: readonly (readonly [string, () => void, Readonly<Record<string, string>>, string, RegExp])[] = [
  [
    'a changed journal line',
    () => {
      run.write(
        `${RUN}/journal.jsonl`,
        run.read(`${RUN}/journal.jsonl`).replace('"node train.mjs"', '"node other.mjs"'),
      );
    },
    { journal: 'fail', projection: 'fail', required_artifacts: 'skip', script_lint: 'skip', path_scope: 'skip' },
    'journal',
    /line 2: prev is not the digest/,
  ],
  [
    'a torn journal line',
    () => {
      appendFileSync(run.at(`${RUN}/journal.jsonl`), '{"at":');
    },
    { journal: 'warn' },
    'journal',
    /cut the last line/,
  ],
  [
    'a manifest with an unknown key',
    () => {
      run.write(
        `${RUN}/run_manifest.json`,
        run.read(`${RUN}/run_manifest.json`).replace('"code"', '"extra": 1,\n  "code"'),
      );
    },
    {
      manifest_schema: 'fail',
      projection: 'fail',
      sync_status: 'skip',
      artifact_digests: 'skip',
      logs_present: 'skip',
    },
    'manifest_schema',
    /shape of a manifest/,
  ],
  [
    'a manifest that is no JSON',
    () => {
      run.write(`${RUN}/run_manifest.json`, '{');
    },
    {
      manifest_schema: 'fail',
      projection: 'fail',
      sync_status: 'skip',
      artifact_digests: 'skip',
      logs_present: 'skip',
    },
    'manifest_schema',
    /is not JSON/,
  ],
  [
    'no manifest',
    () => {
      rmSync(run.at(`${RUN}/run_manifest.json`));
    },
    {
      manifest_schema: 'fail',
      projection: 'fail',
      sync_status: 'skip',
      artifact_digests: 'skip',
      logs_present: 'skip',
    },
    'projection',
    /is missing/,
  ],
  [
    'a manifest with another value',
    () => {
      run.write(
        `${RUN}/run_manifest.json`,
        run.read(`${RUN}/run_manifest.json`).replace('"experiment_id": "e1"', '"experiment_id": "e2"'),
      );
    },
    { projection: 'fail' },
    'projection',
    /not what its journal says/,
  ],
  [
    'a log that is missing',
    () => {
      rmSync(run.at(`${RUN}/logs/stderr.log`));
    },
    { logs_present: 'fail', artifact_digests: 'fail' },
    'logs_present',
    /1 log missing/,
  ],
  [
    'a required artifact that is only a link',
    () => {
      rmSync(run.at(`${RUN}/metrics.json`));
      symlinkSync('logs/stdout.log', run.at(`${RUN}/metrics.json`));
    },
    { required_artifacts: 'fail', artifact_digests: 'fail' },
    'required_artifacts',
    /metrics\.json/,
  ],
  [
    'an artifact that changed',
    () => {
      run.write(`${RUN}/metrics.json`, '[]');
    },
    { artifact_digests: 'fail' },
    'artifact_digests',
    /0 artifacts missing, 1 changed/,
  ],
  [
    'a file that came later',
    () => {
      run.write(`${RUN}/notes.txt`, '');
    },
    { artifact_digests: 'warn' },
    'artifact_digests',
    /1 file appeared after/,
  ],
  [
    'another list of artifacts',
    () => {
      run.listArtifacts(['metrics.json']);
    },
    { artifact_digests: 'fail' },
    'artifact_digests',
    /does not have the digest/,
  ],
  [
    'a script that a later launch made anew',
    () => {
      run.write('experiments/iter1/launch/run_local.sh', `${SCRIPT}# later\n`);
    },
    { script_lint: 'warn' },
    'script_lint',
    /changed since/,
  ],
  [
    'a script over its budget',
    () => {
      run.write(
        '.autolab/experiment_file_line_limits.yaml',
        'line_limits: {fixed_max_lines: {launch/run_local.sh: 10}}\n',
      );
    },
    { line_budgets: 'fail' },
    'line_budgets',
    /1 file longer/,
  ],
  [
    'a file of the run over its budget',
    () => {
      run.write(
        '.autolab/experiment_file_line_limits.yaml',
        'line_limits: {fixed_max_lines: {runs/<RUN_ID>/logs/driver.log: 1}}\n',
      );
      appendFileSync(run.at(`${RUN}/logs/driver.log`), '{}');
    },
    { line_budgets: 'fail' },
    'line_budgets',
    /1 file longer/,
  ],
  [
    'a manifest over its budget',
    () => {
      run.write(
        '.autolab/experiment_file_line_limits.yaml',
        'line_limits: {run_manifest_dynamic: {max_lines: 200, base_lines: 20, per_k_result_lines: 3}}\n',
      );
    },
    { line_budgets: 'fail' },
    'line_budgets',
    /1 file longer/,
  ],
  [
    'line limits that cannot be read',
    () => {
      run.write('.autolab/experiment_file_line_limits.yaml', 'line_limits: 3\n');
    },
    { line_budgets: 'fail' },
    'line_budgets',
    /cannot be read/,
  ],
  [
    'a prompt with a placeholder left',
    () => {
      run.write('.autolab/prompts/rendered/launch.md', 'Run {{ run_id }}\n');
    },
    { placeholders: 'fail' },
    'placeholders',
    /1 name not filled in/,
  ],
  [
    'a context with a placeholder for a path',
    () => {
      run.write('.autolab/prompts/rendered/launch.context.json', '{"run_id":"r1","run_dir":"runs/<RUN_ID>"}');
    },
    { placeholders: 'fail' },
    'placeholders',
    /1 name not filled in/,
  ],
  [
    'a prompt of a later launch',
    () => {
      run.write('.autolab/prompts/rendered/launch.context.json', '{"run_id":"r2","run_dir":"runs/<RUN_ID>"}');
    },
    {},
    'placeholders',
    /Every name/,
  ],
  [
    'a placeholder in the command',
    () => {
      run.writeRun({ opened: { command: 'node --out runs/<RUN_ID>' } });
    },
    { placeholders: 'fail' },
    'placeholders',
    /1 name not filled in/,
  ],
  [
    'a script that breaks the rules',
    () => {
      const script = SCRIPT.replace('set -euo pipefail', 'set -e');
      run.writeRun({
        opened: {
          documents: { script, prompt: '', context: '' },
          entrypoint: { ...OPENED.entrypoint, script_sha256: sha256(script) },
        },
      });
    },
    { script_lint: 'fail' },
    'script_lint',
    /breaks the rules/,
  ],
  [
    'a script that is not the recorded one',
    () => {
      run.writeRun({ opened: { entrypoint: { ...OPENED.entrypoint, script_sha256: sha256('') } } });
    },
    { script_lint: 'fail' },
    'script_lint',
    /not the one whose digest/,
  ],
  [
    'a run in the folder of another',
    () => {
      run.writeRun({ opened: { run_id: 'r2' } });
    },
    { manifest_schema: 'fail' },
    'manifest_schema',
    /another run/,
  ],
];

describe('each verifier', () => {
  it.each(CASES)('%s', async (_, change, expected, name, message) => {
    change();

    expect(await statuses()).toEqual({ ...GOOD, ...expected });
    expect((await verify())[name]?.message).toMatch(message);
  });

  it('names the place of each difference', async () => {
    run.write(`${RUN}/metrics.json`, '[]');
    renameSync(run.at(`${RUN}/logs/stdout.log`), run.at(`${RUN}/logs/moved.log`));

    expect((await verify())['artifact_digests']?.details).toEqual([
      `${RUN}/logs/stdout.log: is missing`,
      `${RUN}/metrics.json: has changed`,
    ]);
  });

  it('shows at most 20 details', async () => {
    for (let index = 0; index < 50; index += 1) run.write(`${RUN}/late/${index}`, '');

    const details = (await verify())['artifact_digests']?.details;
    expect(details).toHaveLength(20);
    expect(details?.at(-1)).toBe('and 31 more');
  });

  it('compares the lists only where digests are not wanted', async () => {
    run.write(`${RUN}/metrics.json`, '[]');
    expect((await verify(false))['artifact_digests']?.status).toBe('pass');

    rmSync(run.at(`${RUN}/metrics.json`));
    expect((await verify(false))['artifact_digests']?.status).toBe('fail');
  });

  it.each([
    'src/train.py',
    'experiments/iter2/launch/x',
    '.autolab/../src/x',
    '/etc/passwd',
    'docs/other.md',
    '.autolab/',
    `${RUN}x/a`,
  ])('finds a write to %s outside of the scope (R10)', async (path) => {
    const snapshot = await takeSnapshot(run.root, 'iter1', 'r1', { projectManifest: projectRun, digest: false });
    const results = verifyAll({
      ...snapshot,
      projected: { text: run.read(`${RUN}/run_manifest.json`), writes: [...WRITES, path] },
    });

    expect(results.filter((result) => result.status === 'fail')).toMatchObject([
      { name: 'path_scope', details: [`${path}: is outside`] },
    ]);
  });

  it('looks a Slurm run up in the ledger (R24)', async () => {
    const snapshot = await takeSnapshot(run.root, 'iter1', 'r1', { projectManifest: projectRun, digest: false });
    const manifest = { ...(JSON.parse(snapshot.manifest.text ?? '') as Manifest), launch_mode: 'slurm', job_id: '7' };
    const ledgerIn = (text: string, copied = false): VerifierResult | undefined =>
      verifyAll({
        ...snapshot,
        copied,
        manifest: {
          ...snapshot.manifest,
          text: JSON.stringify({ ...manifest, timestamps: { ...manifest.timestamps, submitted_at: AT } }),
        },
        ledger: { path: 'docs/slurm_job_list.md', text, problem: null },
      }).find((result) => result.name === 'ledger');

    expect(ledgerIn('- 2026-11-24 | job_id=7 | iteration_id=iter1 | run_id=r1 | status=submitted\n')?.status).toBe(
      'pass',
    );
    expect(ledgerIn('- 2026-11-24 | job_id=7 | iteration_id=iter1 | run_id=r10 | status=submitted\n')?.status).toBe(
      'fail',
    );
    // In another project the record itself holds.
    expect(ledgerIn('# Slurm jobs\n', true)?.status).toBe('warn');
  });
});

it('knows how many results the end of a run adds to its manifest', () => {
  expect(VERIFIERS.filter(([name]) => name !== 'projection')).toHaveLength(VERIFIERS_RUN);
});
