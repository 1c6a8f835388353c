import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { parseJson, startAutolab } from '../support/autolab.ts';
import { until } from '../support/project.ts';
import { begun, letEnd, manifestOf, WAITING } from '../support/runs.ts';
import { callsOf, expectEnd, launch, world, type World } from '../support/slurm-faults.ts';

/** The scheduler is asked at most 20 times an hour for a run, whatever happens (X6). */

const MOST = 20;

function reads(site: World): number {
  const asked = callsOf(site, 'scontrol').filter((call) => call.words[0] === 'show');
  return callsOf(site, 'squeue').length + callsOf(site, 'sacct').length + asked.length;
}

describe.concurrent('how often the scheduler is asked', () => {
  it.each([
    ['it ends as it should', []],
    [
      'its end drags on, and the books lag',
      [
        { command: 'job' as const, fault: 'completing', seconds: 8 },
        { command: 'job' as const, fault: 'accounting_lag', seconds: 20 },
      ],
    ],
    ['the books are down for a while', [{ command: 'sacct' as const, nth: [1, 2, 3, 4], fault: 'down' }]],
  ])('a job that runs through several polls: %s', async (_what, faults) => {
    const site = world(faults, { entrypoint: WAITING, confirmSeconds: 20 });
    const driver = startAutolab(site.root, ['launch', '--json'], { env: site.fake.env });
    const runId = await begun(site.root);
    // Every second at first, and then no more: what is left is spread over the hour.
    await until('most of what may be asked was asked', () => reads(site) >= 10, 100_000);
    await setTimeout(4_000);
    expect(reads(site)).toBeLessThanOrEqual(11);
    letEnd(site.root, runId);
    const end = await driver.ended;
    expectEnd(site, { ...end, json: parseJson(end) });
    expect(reads(site)).toBeLessThanOrEqual(MOST);
    expect(manifestOf(site.root, runId)['slurm']['polls']).toBe(reads(site));
  });

  it('a controller that is away before anything is submitted: more and more seldom', async () => {
    const site = world([
      { command: 'squeue', nth: Array.from({ length: 40 }, (_, index) => index + 2), fault: 'unreachable' },
    ]);
    const end = await launch(site, ['launch', '--wait-timeout', '30']);
    expect([end.status, end.json['code']], end.stderr).toEqual([14, 'run.still_going']);
    expect(end.json['message']).toContain('Nothing was submitted yet.');
    expect(callsOf(site, 'squeue').length).toBeLessThanOrEqual(4);
    site.fake.faults([]);
    expectEnd(site, await launch(site));
    expect(site.fake.jobs()).toHaveLength(1);
  });
});
