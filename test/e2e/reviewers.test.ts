import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { reviewable } from '../support/approval.ts';
import { autolab, autolabJson } from '../support/autolab.ts';
import { commitAll, readJson, treeDigest, write } from '../support/project.ts';
import { git } from '../support/repositories.ts';
import { SLOW_MS, stateOf } from '../support/runs.ts';

/** Who may approve, and `reject`. */

vi.setConfig({ testTimeout: SLOW_MS });

const REVIEW = 'experiments/iter1/review_result.json';

const approve = (root: string) => autolabJson(root, ['approve', '--by', 'ada', '--yes']);
const reviewOf = (root: string) => readJson(root, REVIEW);

async function launches(root: string): Promise<void> {
  const ended = await autolab(root, ['launch']);
  expect(ended.status, ended.stderr).toBe(0);
}

describe('four eyes', () => {
  it.each(['Test', 'test', 'test@example.org', 'TEST <test@example.org>', ' Test '])(
    'the author does not approve their own work as %j',
    async (by) => {
      const root = reviewable();
      write(root, '.autolab/launch.yaml', 'host_mode: local\nreview: {four_eyes: true}\n');
      commitAll(root);
      const ended = await autolabJson(root, ['approve', '--by', by, '--yes']);
      expect([ended.status, ended.json['code']], ended.stdout).toEqual([12, 'review.four_eyes']);
      expect(existsSync(`${root}/${REVIEW}`)).toBe(false);
      expect((await approve(root)).status).toBe(0);
      await launches(root);
    },
  );

  it('counts at the gate, and cannot be turned off without a commit', async () => {
    const root = reviewable();
    await autolabJson(root, ['approve', '--by', 'test', '--yes']);
    write(root, '.autolab/launch.yaml', 'host_mode: local\nreview: {four_eyes: true}\n');
    commitAll(root);
    const own = await autolabJson(root, ['launch']);
    expect([own.status, own.json['code'], own.json['stage_after'], own.json['stage_attempt']]).toEqual([
      10,
      'review.four_eyes',
      'implementation_review',
      0,
    ]);
    write(root, '.autolab/launch.yaml', 'host_mode: local\n');
    const off = await autolabJson(root, ['approve', '--by', 'test', '--yes']);
    expect([off.json['code'], off.json['hint']]).toEqual([
      'review.signers',
      expect.stringContaining('git checkout HEAD -- .autolab/launch.yaml'),
    ]);
  });

  it('the reviewer who committed the last approval is not the author', async () => {
    const root = reviewable();
    write(root, '.autolab/launch.yaml', 'host_mode: local\nreview: {four_eyes: true}\n');
    commitAll(root);
    await approve(root);
    git(root, 'add', '--all');
    git(root, '-c', 'user.name=ada', 'commit', '--quiet', '--message', 'approve', '--author', 'ada <ada@lab>');
    expect((await approve(root)).status).toBe(0);
  });
});

describe('autolab reject', () => {
  it('sends back with the note as the finding; the launch says what to do', async () => {
    const root = reviewable();
    await approve(root);
    const ended = await autolabJson(root, ['reject', '--by', 'ada', '--note', 'no seed']);
    expect([ended.status, ended.json['code'], ended.json['stage_after']]).toEqual([
      0,
      'review.rejected',
      'implementation',
    ]);
    expect(reviewOf(root)).toMatchObject({
      status: 'needs_retry',
      blocking_findings: ['no seed'],
      reviewed_by: 'ada',
      required_checks: { schema: 'pass' },
    });
    expect(stateOf(root)).toMatchObject({ stage: 'implementation', stage_attempt: 0 });
    expect(readFileSync(`${root}/.autolab/agent_result.json`, 'utf8')).toContain('autolab advance');
    expect((await autolab(root, ['advance'])).status).toBe(0);
    expect((await approve(root)).status).toBe(0);
    await launches(root);
  });

  it('needs a note', async () => {
    expect((await autolab(reviewable(), ['reject', '--by', 'ada'])).status).toBe(2);
  });
});

it.each(['approve --yes', 'reject --note x', 'advance', 'decide stop --note x'])(
  '%s takes no placeholder and no control character for a name',
  async (words) => {
    const root = reviewable();
    const before = treeDigest(root);
    for (const [by, said] of [
      ['WHO', 'write your name'],
      ['ada\u001b[2J', 'control characters'],
      ['ada\nbob', 'control characters'],
    ] as const) {
      const { status, json } = await autolabJson(root, [...words.split(' '), '--by', by]);
      expect([status, json['code'], json['message']]).toEqual([2, 'usage', expect.stringContaining(said)]);
    }
    expect(treeDigest(root)).toBe(before);
  },
);
