import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../fakes/slurm/fake.ts';
import { parseJson, startAutolab } from '../support/autolab.ts';
import { until } from '../support/project.ts';
import { begun, letEnd, manifestOf, WAITING } from '../support/runs.ts';
import { callsOf, expectEnd, failed, launch, type World, world } from '../support/slurm-faults.ts';

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
    await until('most of what may be asked was asked', () => reads(site) >= 10);
    await setTimeout(4_000);
    expect(reads(site)).toBeLessThanOrEqual(11);
    letEnd(site.root, runId);
    const end = await driver.ended;
    expectEnd(site, { ...end, json: parseJson(end) });
    expect(reads(site)).toBeLessThanOrEqual(MOST);
    expect(manifestOf(site.root, runId)['slurm']['polls']).toBe(reads(site));
  });

  it('a controller that is away while the job is held, and a person who calls again and again', async () => {
    const away = (nth: number): Fault => ({
      command: 'scontrol',
      nth: Array.from({ length: 80 }, (_, index) => index + nth),
      fault: 'unreachable',
    });
    // The cluster's name comes first.
    const site = world([away(2)]);
    const first = await launch(site, ['launch', '--wait-timeout', '20']);
    expect([first.status, first.json['code']], first.stderr).toEqual([14, 'run.still_going']);
    // Quick at first: a controller that was away for a moment only delays nobody.
    expect(callsOf(site, 'scontrol').length).toBeGreaterThanOrEqual(4);
    let last = first;
    for (let call = 0; call < 9; call += 1) last = await launch(site, ['resume']);
    expect([last.status, last.json['code']], last.stderr).toEqual([14, 'slurm.unreachable']);
    expect(last.json['hint']).toContain('run the command again after 2');
    expect(reads(site)).toBeLessThanOrEqual(MOST);
    site.fake.faults([]);
    const end = await launch(site, ['cancel']);
    expectEnd(site, end, failed('run.cancelled', { status: 0, starts: 0, ran: 0 }));
  });

  it('a controller that is away for a moment while the job is held', async () => {
    const site = world([{ command: 'scontrol', nth: [2, 3, 5], fault: 'unreachable' }]);
    expectEnd(site, await launch(site));
    expect(reads(site)).toBeLessThanOrEqual(MOST);
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
