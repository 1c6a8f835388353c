import { describe, expect, it } from 'vitest';
import { outcome, viewAfter, type Written } from '../../test/support/slurm-journal.ts';
import { artifactsOf, broughtBack, projectSync, ranBadly, syncStatusOf } from './projection-sync.ts';

const ARTIFACTS = { files: 3, bytes: 120, seconds: 0.5 };
const LOCAL = { launch_mode: 'local', slurm: null };
const FAILED = outcome('confirm', 'failed', { code: 'slurm.failed', message: 'It ended with exit code 3.' });
const HERE = outcome('sync_artifacts_to_local', 'done', { result: ARTIFACTS });
const MISSING = outcome('sync_artifacts_to_local', 'failed', { retryable: true, message: 'metrics.json is missing.' });
const SENT = outcome('sync_to_remote', 'done');

describe('projectSync', () => {
  it.each<[string, readonly Written[], string, string]>([
    ['nothing was done', [], 'pending', 'pending'],
    ['the job is out there', [SENT], 'ok', 'pending'],
    ['the outputs are here', [SENT, HERE], 'ok', 'ok'],
    ['the outputs are not complete', [SENT, MISSING], 'ok', 'failed'],
    ['the job failed', [SENT, FAILED], 'ok', 'failed'],
    [
      'what a failed job left was salvaged',
      [SENT, FAILED, outcome('salvage', 'done', { result: ARTIFACTS })],
      'ok',
      'failed',
    ],
    ['sending failed', [outcome('sync_to_remote', 'failed')], 'failed', 'pending'],
  ])('of a Slurm run, when %s', (_what, lines, toRemote, toLocal) => {
    const sync = projectSync(viewAfter(lines));
    expect(sync.to_remote).toMatchObject({ status: toRemote, method: 'shared_fs' });
    expect(sync.to_local).toMatchObject({ status: toLocal, method: 'shared_fs', verified: toLocal === 'ok' });
  });

  it('tells how much came back, or why it did not', () => {
    expect(projectSync(viewAfter([HERE])).to_local).toMatchObject({ ...ARTIFACTS, diagnosis: [] });
    const none = { files: null, bytes: null, seconds: null };
    expect(projectSync(viewAfter([MISSING])).to_local).toMatchObject({
      ...none,
      diagnosis: ['metrics.json is missing.'],
    });
    const { to_local: bad } = projectSync(viewAfter([FAILED]));
    expect(bad).toMatchObject({ ...none, diagnosis: ['It ended with exit code 3.'] });
    expect(bad.reason).toBe('the run did not complete');
    const salvaged = viewAfter([FAILED, outcome('salvage', 'done', { result: ARTIFACTS })]);
    expect(projectSync(salvaged).to_local.reason).toContain('kept as partial');
  });

  it('of a local run: nothing is carried, and `collect` is the step that digests', () => {
    const view = viewAfter(
      [outcome('sync_to_remote', 'skipped'), outcome('collect', 'done', { result: ARTIFACTS })],
      LOCAL,
    );
    const { to_remote: there, to_local: here } = projectSync(view);
    expect(there).toMatchObject({ status: 'skipped', method: 'none' });
    expect(here).toMatchObject({ status: 'ok', method: 'none', ...ARTIFACTS });
    expect(syncStatusOf(viewAfter([['collect', 'step.intent'], HERE], LOCAL))).toBe('pending');
  });
});

describe('a run that completed, and whose outputs did not come back', () => {
  const CONFIRMED = outcome('confirm', 'done');

  it.each(['collect_to_remote', 'sync_artifacts_to_local'])('says so: %s', (step) => {
    const view = viewAfter([CONFIRMED, outcome(step, 'failed', { retryable: true, message: 'ckpt is missing.' })]);
    expect(projectSync(view).to_local).toMatchObject({
      status: 'failed',
      reason: 'the run completed, and its outputs could not be brought back in full',
      diagnosis: ['ckpt is missing.'],
    });
  });

  it('says nothing of a run that was closed without an end that is known', () => {
    const closed = viewAfter([['close', 'run.closed', { sync_status: 'failed', status: 'failed' }]]);
    expect(projectSync(closed).to_local.reason).toBe('the run was closed before its outputs were brought back');
  });
});

describe('syncStatusOf', () => {
  it('is what was decided, once the run is closed', () => {
    expect(syncStatusOf(viewAfter([HERE, ['close', 'run.closed', { sync_status: 'failed' }]]))).toBe('failed');
  });
});

describe('ranBadly', () => {
  it.each(['execute', 'submit', 'wait', 'confirm'])('is the failure of %s', (step) => {
    expect(ranBadly(viewAfter([outcome(step, 'failed', { code: 'slurm.failed' })]))?.code).toBe('slurm.failed');
    expect(ranBadly(viewAfter([outcome(step, 'done')]))).toBeNull();
    expect(ranBadly(viewAfter([outcome(step, 'skipped')]))).toBeNull();
  });

  it('is not that of a later step: the run itself was good', () => {
    expect(ranBadly(viewAfter([MISSING]))).toBeNull();
    expect(broughtBack(viewAfter([MISSING]))?.status).toBe('failed');
  });
});

describe('artifactsOf', () => {
  it('is what was brought back, else what was salvaged', () => {
    const salvaged = outcome('salvage', 'done', { result: { ...ARTIFACTS, files: 1 } });
    expect(artifactsOf(viewAfter([]))).toBeNull();
    expect(artifactsOf(viewAfter([FAILED, salvaged]))?.files).toBe(1);
    expect(artifactsOf(viewAfter([HERE, salvaged]))?.files).toBe(3);
  });
});
