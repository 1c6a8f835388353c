import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { hostIdentity } from '../platform/host.ts';
import { claimStands, clearClaim, hasClaimFile, makeClaim } from './claim.ts';

let root = '';
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function claimed(runId: string): string {
  root = mkdtempSync(join(tmpdir(), 'autolab-unit-'));
  mkdirSync(join(root, '.autolab'));
  const position = { stage: 'launch', stage_attempt: 0, max_stage_attempts: 3 };
  const claim = { ...hostIdentity(), run_id: runId, iteration_id: 'iter1', experiment_id: 'e1', token: 't', position };
  expect(makeClaim(root, { ...claim, claimed_at: '2026-01-01T00:00:00Z' })).toBe(true);
  return root;
}

it('a claim is cleared by its own run alone: another one may have claimed the project meanwhile', () => {
  claimed('r2');
  clearClaim(root, 'r1');
  expect([hasClaimFile(root), claimStands(root, 'r1'), claimStands(root, 'r2')]).toEqual([true, false, true]);
  clearClaim(root, 'r2');
  expect([hasClaimFile(root), claimStands(root, 'r2')]).toEqual([false, false]);
});

it('a claim that is unreadable is cleared by the driver that closes a run', () => {
  claimed('r2');
  writeFileSync(join(root, '.autolab/active_run.json'), '{');
  clearClaim(root, 'r1');
  expect(hasClaimFile(root)).toBe(false);
});
