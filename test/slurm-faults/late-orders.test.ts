import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runIds, until } from '../support/project.ts';
import { eventsOf } from '../support/runs.ts';
import { callsOf, expectEnd, failed, launch, world } from '../support/slurm-faults.ts';
import { journalOf } from '../support/slurm-project.ts';

/** An order that timed out may be carried out later, and not in the order sent: it is never taken for "not done". */

/** Before the release: what cluster it is, and whether the job is held. */
const RELEASE = 3;

function unanswered(root: string): readonly unknown[] {
  const [runId = ''] = runIds(root);
  return journalOf(root, runId)
    .filter(({ event }) => event === 'order.unanswered')
    .map(({ data }) => [data['order'], data['job_id']]);
}

describe.concurrent('an order whose answer does not come', () => {
  it.each(['unanswered', 'carried_out_late'])(
    'a release, %s: is written down, and the job starts once',
    async (fault) => {
      const site = world([{ command: 'scontrol', nth: RELEASE, fault }]);
      expectEnd(site, await launch(site));
      expect(unanswered(site.root)).toEqual([['release', '1']]);
      expect(callsOf(site, 'scontrol')[RELEASE - 1]?.words[0]).toBe('release');
    },
  );

  it('a release, and then nobody answers: nothing says that the job is held', async () => {
    const site = world([
      { command: 'scontrol', nth: RELEASE, fault: 'carried_out_late', seconds: 1 },
      { command: 'scontrol', nth: [4, 5, 6, 7, 8, 9, 10, 11, 12], fault: 'unreachable' },
    ]);
    const left = await launch(site, ['launch', '--wait-timeout', '2']);
    expect(left.json['message']).toContain('was released; whether it started is unknown');
    await until('the release is carried out', () => site.fake.job(1).state === 'COMPLETED');
    site.fake.faults([]);
    expectEnd(site, await launch(site));
    expect(unanswered(site.root)).toEqual([['release', '1']]);
  });

  it('a release that is carried out after a cancel: the job does not begin', async () => {
    const site = world([
      { command: 'scontrol', nth: RELEASE, fault: 'carried_out_late', seconds: 30 },
      { command: 'scontrol', nth: [4, 5, 6, 7, 8, 9, 10, 11, 12], fault: 'unreachable' },
    ]);
    await launch(site, ['launch', '--wait-timeout', '1']);
    const end = await launch(site, ['cancel']);
    expectEnd(site, end, failed('run.cancelled', { status: 0, starts: 0, ran: 0 }));
    const folder = site.fake.folder;
    const pending = (): boolean => readdirSync(folder).some((name) => name.startsWith('late-order-'));
    await until('the late release was tried', () => !pending());
    expect(site.fake.job(1).state).toBe('CANCELLED');
  });

  it('a cancel: it is asked for again, and the end is what the queue says', async () => {
    const site = world([{ command: 'scancel', nth: 1, fault: 'carried_out_late', seconds: 2 }], {
      config: { pending_seconds: 600 },
    });
    await launch(site, ['launch', '--detach']);
    const end = await launch(site, ['cancel']);
    expectEnd(site, end, failed('run.cancelled', { status: 0, starts: 0, ran: 0 }));
    expect(unanswered(site.root)).toEqual([['cancel', '1']]);
  });

  it('the cancel of a second copy: the record does not say that it was cancelled', async () => {
    const site = world([
      { command: 'sbatch', nth: 1, fault: 'accepted_twice' },
      { command: 'scancel', nth: 'always', fault: 'unanswered' },
    ]);
    const slurm = expectEnd(site, await launch(site));
    expect(slurm['evidence']).toContain(
      'job 2, another copy of the job, was still in the queue: scancel was sent, and did not confirm it',
    );
    const [runId = ''] = runIds(site.root);
    expect(eventsOf(site.root, runId)).toContain('order.unanswered');
  });
});

describe.concurrent('an id that belongs to another job by now', () => {
  it('is neither released nor cancelled', async () => {
    const site = world(
      [
        { command: 'scontrol', nth: 'always', fault: 'other_job' },
        { command: 'squeue', nth: 'always', fault: 'other_job' },
        { command: 'sacct', nth: 'always', fault: 'other_job' },
      ],
      { confirmSeconds: 1 },
    );
    const end = await launch(site);
    expectEnd(site, end, failed('slurm.vanished', { starts: 0, ran: 0 }));
    expect(callsOf(site, 'scontrol').filter(({ words }) => words[0] === 'release')).toEqual([]);
    expect(callsOf(site, 'scancel')).toEqual([]);
  });

  it('is ours under another name: it is cancelled by the name that it has now', async () => {
    const site = world([], { config: { pending_seconds: 600 } });
    await launch(site, ['launch', '--detach']);
    await site.fake.run('scontrol', ['update', 'JobId=1', 'JobName=renamed']);
    const end = await launch(site, ['cancel']);
    expectEnd(site, end, failed('run.cancelled', { status: 0, starts: 0, ran: 0 }));
    expect(callsOf(site, 'scancel').map(({ words }) => words[0])).toContain('--name=renamed');
  });
});
