import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FinishedRun, makeFinishedRun, projectRun, RUN } from '../../test/support/finished-run.ts';
import type { VerifierResult } from '../records/manifest-schema.ts';
import { pageHead } from '../records/page-file.ts';
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

describe('verifyAll', () => {
  it('passes a good run, in every verifier that applies to it', async () => {
    expect(await statuses()).toEqual(GOOD);
  });

  it('gives the same results on a copy elsewhere, years later', async () => {
    const before = verifyAll(
      await takeSnapshot(run.root, 'iter1', 'r1', { projectManifest: projectRun, digest: true }),
    );
    const copy = mkdtempSync(join(tmpdir(), 'autolab-copy-'));
    cpSync(run.root, copy, { recursive: true });
    const snapshot = await takeSnapshot(copy, 'iter1', 'r1', { projectManifest: projectRun, digest: true });
    rmSync(copy, { recursive: true });

    expect(verifyAll(JSON.parse(JSON.stringify(snapshot)) as typeof snapshot)).toEqual(before);
    expect(JSON.stringify(snapshot)).not.toContain(copy);
  });

  it('judges a run that is not closed by its journal, not by an older manifest', async () => {
    run.writeRun({ closed: false });
    run.write(`${RUN}/run_manifest.json`, 'old');

    expect(await statuses()).toEqual({ ...GOOD, projection: 'skip' });
  });

  it('demands nothing of what a failed run left, and says so', async () => {
    rmSync(run.at(`${RUN}/metrics.json`));
    run.listArtifacts(['logs/stderr.log', 'logs/stdout.log']);
    run.writeRun({ completed: false });

    expect(await statuses()).toEqual({ ...GOOD, required_artifacts: 'warn', sync_status: 'warn' });
  });

  it('takes no page of autolab for an output, and every other page', async () => {
    run.write(`${RUN}/report.html`, `${pageHead(1)}<html></html>`);
    expect(await statuses()).toEqual(GOOD);
    run.write(`${RUN}/report.html`, '<!doctype html>\n<h1>Mine</h1>');
    expect(await statuses()).toEqual({ ...GOOD, artifact_digests: 'warn' });
  });

  it('does not fall over a run folder that is not there', async () => {
    rmSync(run.at(RUN), { recursive: true });
    const results = await verify();

    expect(results['journal']).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('is missing') as string,
    });
    expect(results['manifest_schema']).toMatchObject({ status: 'fail' });
  });
});
