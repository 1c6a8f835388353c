import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { autolab } from '../support/autolab.ts';
import { call, callWithoutTrace } from '../support/contract.ts';
import { json, makeProject, read, readJson, write } from '../support/project.ts';
import { begun, letEnd, stateOf, WAITING } from '../support/runs.ts';

/** `launch --dry-run` decides everything and leaves the project byte for byte as it was. */

const SCRIPT = 'experiments/iter1/launch/run_local.sh';

describe('launch --dry-run', () => {
  it('shows the plan and the very script that a launch then writes', async () => {
    const root = makeProject({ git: true, compute: { time: '"00:02:00"', memory: '2G', cpus: 3 } });

    const dry = await callWithoutTrace(root, ['launch', '--dry-run', '--run-id', 'r1']);

    expect(dry).toMatchObject({
      status: 0,
      json: {
        outcome: 'ok',
        code: 'ok',
        host_mode: 'local',
        stage_before: 'launch',
        stage_after: 'launch',
        dry_run: true,
      },
    });
    const plan = dry.json['plan'];
    expect(plan).toMatchObject({
      command: 'bash experiments/iter1/main.sh',
      argv: ['bash', 'experiments/iter1/main.sh'],
      mode: 'local',
      resource_request: { time_seconds: 120, memory_mb: 2048, cpus: 3 },
      artifacts: [{ path: 'metrics.json', required: true }],
      script_path: SCRIPT,
      script_source: 'rendered',
    });
    await call(root, ['launch', '--run-id', 'r1']);
    expect(read(root, SCRIPT)).toBe(plan.script);
  });

  it('prints plan and script for a person', async () => {
    const root = makeProject();

    const ended = await autolab(root, ['launch', '--dry-run']);

    expect(ended.status).toBe(0);
    for (const word of [
      'mode: local',
      'command: bash experiments/iter1/main.sh',
      'time_seconds=300',
      SCRIPT,
      '#!/usr/bin/env bash',
      'set -euo pipefail',
    ]) {
      expect(ended.stdout).toContain(word);
    }
  });

  it('tells what speaks against a launch, and what would become of the workflow stays what it was', async () => {
    const root = makeProject({ git: true, state: { stage_attempt: 2 } });
    write(root, 'experiments/iter1/review_result.json', json({ status: 'failed' }));

    const dry = await callWithoutTrace(root, ['launch', '--dry-run']);

    expect(dry).toMatchObject({
      status: 10,
      json: {
        outcome: 'needs_retry',
        code: 'review.not_passed',
        stage_before: 'launch',
        stage_after: 'launch',
        stage_attempt: 2,
      },
    });
  });

  it('says that a launch would continue the active run, and does not', async () => {
    const root = makeProject({ entrypoint: WAITING });
    await call(root, ['launch', '--detach', '--run-id', 'r1']);
    await begun(root);
    const journal = 'experiments/iter1/runs/r1/journal.jsonl';
    const before = [read(root, journal), stateOf(root), readJson(root, '.autolab/active_run.json')];

    const dry = await call(root, ['launch', '--dry-run']);

    expect(dry).toMatchObject({ status: 0, json: { code: 'ok', run_id: 'r1', dry_run: true, plan: null } });
    expect(dry.json['message']).toContain('r1');
    expect([read(root, journal), stateOf(root), readJson(root, '.autolab/active_run.json')]).toEqual(before);
    letEnd(root, 'r1');
    expect(await call(root, ['resume'])).toMatchObject({ status: 0, json: { code: 'run.completed' } });
  });

  it.each(['experiments/iter1/runs/r1/receipt', 'experiments/iter1/runs/r1/logs', '.autolab/state.json'])(
    'refuses to continue the active run where a launch would: %s is something else',
    async (place) => {
      const root = makeProject();
      await autolab(root, ['launch', '--run-id', 'r1'], {
        env: { AUTOLAB_CRASH_AT: 'journal.execute.step.intent.after' },
      });
      rmSync(join(root, place), { recursive: true });
      if (place.endsWith('.json')) mkdirSync(join(root, place));
      else write(root, place, '');

      const dry = await callWithoutTrace(root, ['launch', '--dry-run']);
      const real = await call(root, ['launch']);

      expect(dry.status).not.toBe(0);
      expect([dry.status, dry.json['code']]).toEqual([real.status, real.json['code']]);
    },
  );
});
