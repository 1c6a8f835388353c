import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseJson, startAutolab } from '../support/autolab.ts';
import { read, runIds, startsOf, until } from '../support/project.ts';
import { begun, letEnd, manifestOf, WAITING } from '../support/runs.ts';
import { callsOf, COMPLETED, expectEnd, failed, lateCopy, launch, type World, world } from '../support/slurm-faults.ts';
import { journalOf, ledgerRows } from '../support/slurm-project.ts';

/** One job, whatever sbatch says, or does not say (X1). */

describe.concurrent('an answer of sbatch that is lost', () => {
  it.each([
    ['the socket timed out', 'accepted_timeout'],
    ['sbatch was killed', 'accepted_killed'],
    ['nothing was printed', 'accepted_silent'],
  ])('%s: the job is found by its name, and is the only one', async (_what, fault) => {
    const site = world([{ command: 'sbatch', nth: 1, fault }]);
    const slurm = expectEnd(site, await launch(site));
    expect(slurm).toMatchObject({ job_id: '1', adopted: true });
    expect(slurm['evidence']).toContain('the answer of sbatch was lost; the job was found under its name');
    expect([callsOf(site, 'sbatch').length, site.fake.jobs().length]).toEqual([1, 1]);
  });

  it('it hangs, and its driver is killed: the next one ends it and goes on with the job', async () => {
    const site = world([{ command: 'sbatch', nth: 1, fault: 'accepted_hang' }]);
    const driver = startAutolab(site.root, ['launch', '--json'], { env: site.fake.env });
    await until('the job is there', () => site.fake.jobs().length === 1);
    driver.child.kill('SIGKILL');
    await driver.ended;
    const slurm = expectEnd(site, await launch(site));
    expect(slurm).toMatchObject({ job_id: '1', adopted: true });
    expect(callsOf(site, 'sbatch')).toHaveLength(1);
    expect(commandLines().filter((line) => line.includes(`--job-name=${String(slurm['submit_key'])}`))).toEqual([]);
  });

  it.each([
    ['and the job is there', 'accepted_hang', 1],
    ['and no job is there', 'hang', 2],
  ])('it hangs, %s, and a person leaves: sbatch is ended, and the next call looks', async (_what, fault, calls) => {
    const site = world([{ command: 'sbatch', nth: 1, fault }]);
    const driver = startAutolab(site.root, ['launch', '--json'], { env: site.fake.env });
    await until('sbatch is called', () => callsOf(site, 'sbatch').length === 1);
    if (calls === 1) await until('the job is there', () => site.fake.jobs().length === 1);
    driver.child.kill('SIGINT');
    const left = await driver.ended;
    expect([left.status, parseJson(left)['code']], left.stderr).toEqual([130, 'interrupted']);
    expect(parseJson(left)['message']).toContain('whether the job was submitted is still unknown');
    const [runId = ''] = runIds(site.root);
    expect(commandLines().filter((line) => line.includes(`--job-name=autolab-${runId}-`))).toEqual([]);
    expect(journalOf(site.root, runId).map((line) => line.event)).toContain('submit.interrupted');
    expect(expectEnd(site, await launch(site))['adopted']).toBe(calls === 1);
    expect(callsOf(site, 'sbatch')).toHaveLength(calls);
  });

  it('it hangs, and a person cancels: the job is found and taken out of the queue', async () => {
    const site = world([{ command: 'sbatch', nth: 1, fault: 'accepted_hang' }]);
    const words = ['launch', '--json', '--on-interrupt', 'cancel'];
    const driver = startAutolab(site.root, words, { env: site.fake.env });
    await until('the job is there', () => site.fake.jobs().length === 1);
    driver.child.kill('SIGINT');
    const end = await driver.ended;
    const expected = failed('run.cancelled', { status: end.status ?? -1, starts: 0, ran: 0 });
    expectEnd(site, { ...end, json: parseJson(end) }, expected);
    expect(site.fake.job(1).state).toBe('CANCELLED');
  });

  it('the job turns up while it is looked for', async () => {
    const site = world([{ command: 'sbatch', nth: 1, fault: 'accepted_late', seconds: 2 }], { reconcileSeconds: 15 });
    const slurm = expectEnd(site, await launch(site));
    expect(slurm).toMatchObject({ job_id: '1', adopted: true });
    expect([callsOf(site, 'sbatch').length, site.fake.jobs().length]).toEqual([1, 1]);
  });

  it('the job turns up after another one was submitted: it stays held, and is taken out of the queue', async () => {
    const site = world([{ command: 'sbatch', nth: 1, fault: 'lost_timeout' }], { entrypoint: WAITING });
    const driver = startAutolab(site.root, ['launch', '--json'], { env: site.fake.env });
    const runId = await begun(site.root);
    expect(await lateCopy(site)).toMatchObject({ status: 0, stdout: '2\n' });
    letEnd(site.root, runId);
    const end = await driver.ended;
    const slurm = expectEnd(site, { ...end, json: parseJson(end) });
    expect(slurm['evidence']).toContain('sbatch was called 2 times');
    expect(site.fake.job(2)).toMatchObject({ state: 'CANCELLED', started_at: null });
  });

  it('the queue is wrong, too: empty once, away once', async () => {
    const site = world([
      { command: 'sbatch', nth: 1, fault: 'accepted_timeout' },
      // The first two calls are the host's probe and the look before anything is submitted.
      { command: 'squeue', nth: 3, fault: 'empty' },
      { command: 'squeue', nth: 4, fault: 'unreachable' },
    ]);
    expect(expectEnd(site, await launch(site))).toMatchObject({ job_id: '1', adopted: true });
    expect(site.fake.jobs()).toHaveLength(1);
  });

  it('it is clear, and there is a second job all the same: it is taken out of the queue', async () => {
    const site = world([{ command: 'sbatch', nth: 1, fault: 'accepted_twice' }]);
    const slurm = expectEnd(site, await launch(site));
    expect(slurm).toMatchObject({ job_id: '1', adopted: false });
    expect(slurm['evidence']).toContain('job 2, another copy of the job, was still in the queue: it was cancelled');
    expect(site.fake.job(2)).toMatchObject({ state: 'CANCELLED', started_at: null });
  });

  it('there are two jobs under the name: the lower id runs, the other one is cancelled', async () => {
    const site = world([
      { command: 'sbatch', nth: 1, fault: 'accepted_twice' },
      { command: 'sbatch', nth: 1, fault: 'accepted_timeout' },
    ]);
    expect(expectEnd(site, await launch(site))).toMatchObject({ job_id: '1', adopted: true });
    expect(site.fake.job(2)).toMatchObject({ state: 'CANCELLED', started_at: null });
  });
});

describe.concurrent('an answer of sbatch that is no failure', () => {
  it.each([
    ['it complains of a busy controller', ['busy']],
    ['a wrapper complains and loses the exit status', ['stderr_noise', 'exit_status']],
  ])('%s, and the id is there', async (_what, faults) => {
    const site = world(faults.map((fault) => ({ command: 'sbatch', nth: 1, fault })));
    expect(expectEnd(site, await launch(site))).toMatchObject({ job_id: '1', adopted: false });
    expect([callsOf(site, 'sbatch').length, site.fake.jobs().length]).toEqual([1, 1]);
  });

  it('the id has a cluster behind it, and a banner is printed around every answer', async () => {
    const commands = ['sbatch', 'squeue', 'sacct', 'scontrol'] as const;
    const site = world([
      ...commands.map((command) => ({ command, fault: 'banner' })),
      { command: 'sbatch', fault: 'cluster', name: 'gpu' },
    ]);
    expect(expectEnd(site, await launch(site))).toMatchObject({ job_id: '1', cluster: 'gpu', adopted: false });
    expect(ledgerRows(site.root)[0]).toContain('| job_id=1 |');
  });
});

describe.concurrent('a controller that takes no job', () => {
  it('is asked again after it was looked for the job, and leaves none behind', async () => {
    const site = world([{ command: 'sbatch', nth: [1, 2], fault: 'unreachable' }]);
    expect(expectEnd(site, await launch(site))['evidence']).toContain('sbatch was called 3 times');
    expect(site.fake.jobs()).toHaveLength(1);
  });

  it('for long: the run stays open, and the next call goes on with it', async () => {
    const site = world([{ command: 'sbatch', nth: [1, 2, 3, 4, 5], fault: 'unreachable' }]);
    const end = await launch(site);
    expect([end.status, end.json['outcome'], end.json['code']], end.stderr).toEqual([
      14,
      'undetermined',
      'slurm.unreachable',
    ]);
    expect(site.fake.jobs()).toEqual([]);
    expectEnd(site, await launch(site));
    expect(site.fake.jobs()).toHaveLength(1);
  });

  it('refuses the second call after it had lost the answer to the first', async () => {
    const site = world([
      { command: 'sbatch', nth: 1, fault: 'lost_timeout' },
      { command: 'sbatch', nth: 2, fault: 'refused' },
    ]);
    const end = await launch(site);
    expectEnd(site, end, failed('slurm.refused', { stage: 'design', starts: 0, ran: 0, ledger: 0 }));
    expect(end.json['message']).toContain('Invalid qos specification');
  });
});

/** The look before the first submission. */
const QUEUE_ASKED_BEFORE = 1;

describe.concurrent('a site that refuses in words of its own', () => {
  const SUSPENDED = 'Your project is temporarily suspended.\nPlease try again after the 1st.';
  it.each<[string, { readonly fault: string; readonly text: string; readonly verdict?: string }, string]>([
    ['suspended', { fault: 'plugin', text: SUSPENDED }, 'Please try again after the 1st.'],
    [
      'timed out',
      { fault: 'plugin', text: 'The login timed out', verdict: 'Access/permission denied' },
      'The login timed out',
    ],
    ['cli_filter', { fault: 'cli_filter', text: 'The queue is full, try again later' }, 'try again later'],
  ])('%s: at once, and once', async (_what, fault, words) => {
    const site = world([{ command: 'sbatch', ...fault }], { reconcileSeconds: 60 });
    const end = await launch(site);
    expectEnd(site, end, failed('slurm.refused', { stage: 'design', starts: 0, ran: 0, ledger: 0 }));
    expect(end.json['message']).toContain(words);
    expect(end.json['hint']).toContain('Do what this message asks for');
    expect([callsOf(site, 'sbatch').length, callsOf(site, 'squeue').length]).toEqual([1, QUEUE_ASKED_BEFORE]);
  });

  it.each<[string, { readonly fault: string; readonly text: string; readonly verdict?: string }, string]>([
    ['job_submit', { fault: 'plugin', text: SUSPENDED }, 'Please try again after the 1st.'],
    ['cli_filter', { fault: 'cli_filter', text: 'The queue is full, try again later' }, 'try again later'],
  ])('%s, in a dry run', async (_what, fault, words) => {
    const site = world([{ command: 'sbatch', ...fault }]);
    const dry = await launch(site, ['launch', '--dry-run']);
    expect([dry.status, dry.json['outcome'], dry.json['code']]).toEqual([10, 'needs_retry', 'slurm.refused']);
    expect(dry.json['message']).toContain(words);
    expect(runIds(site.root)).toEqual([]);
  });

  it('does not answer a dry run: that is no objection, and is said', async () => {
    const site = world([{ command: 'sbatch', fault: 'unreachable' }]);
    const dry = await launch(site, ['launch', '--dry-run']);
    expect([dry.status, dry.json['code'], dry.json['plan']['test_only']['kind']]).toEqual([0, 'ok', 'no_answer']);
    expect(dry.json['message']).toContain('whether the site would accept the job is unknown');
    expect(dry.json['message']).toContain('Unable to contact slurm controller');
  });
});

describe.concurrent('a sbatch that prints no id', () => {
  it.each([
    ['nothing', []],
    ['a banner only', [{ command: 'sbatch' as const, fault: 'banner' }]],
  ])('%s, and there is no job: the stage fails, and a copy that turns up later starts nothing', async (_what, more) => {
    const site = world([{ command: 'sbatch', nth: 1, fault: 'lost_silent' }, ...more]);
    const end = await launch(site);
    expectEnd(site, end, failed('slurm.submit_lost', { starts: 0, ran: 0, ledger: 0 }));
    expect(end.json['message']).toContain('sbatch ended with exit status 0 and printed no job id');
    expect(end.json['hint']).toContain('logs/sbatch.1.txt');
    expect(callsOf(site, 'sbatch')).toHaveLength(1);
    expect(callsOf(site, 'squeue').length).toBeGreaterThanOrEqual(QUEUE_ASKED_BEFORE + 4);
    expect((await lateCopy(site)).status).toBe(0);
    await site.fake.run('scontrol', ['release', '1']);
    expect(await site.fake.ended(1)).toMatchObject({ state: 'FAILED', exit_code: 98 });
    expect(startsOf(site.root, end.json['run_id'] as string)).toBe(0);
  });

  it('for ever: every launch is a run of its own that ends', async () => {
    const site = world([{ command: 'sbatch', fault: 'lost_silent' }]);
    for (const runs of [1, 2]) {
      expect((await launch(site)).json['code']).toBe('slurm.submit_lost');
      expect(runIds(site.root)).toHaveLength(runs);
    }
    expect(callsOf(site, 'sbatch')).toHaveLength(2);
  });
});

describe.concurrent('submit: {hold: false}', () => {
  it('an answer that is lost ends the run, and a copy that turns up later starts nothing', async () => {
    const site = world([{ command: 'sbatch', nth: 1, fault: 'lost_timeout' }], { hold: false });
    const end = await launch(site);
    expectEnd(site, end, failed('slurm.submit_lost', { starts: 0, ran: 0, ledger: 0 }));
    expect(callsOf(site, 'sbatch')).toHaveLength(1);
    expect((await lateCopy(site)).stdout).toBe('1\n');
    expect(await site.fake.ended(1)).toMatchObject({ state: 'FAILED', exit_code: 98 });
    expectEnd(site, end, failed('slurm.submit_lost', { starts: 0, ran: 1, ledger: 0 }));
    const [runId = ''] = runIds(site.root);
    expect(read(site.root, `experiments/iter1/runs/${runId}/logs/slurm-1.err`)).toContain('starts nothing');
  });

  it('a job whose answer was lost is found, running or ended', async () => {
    const site = world([{ command: 'sbatch', nth: 1, fault: 'accepted_timeout' }], { hold: false });
    expect(expectEnd(site, await launch(site))).toMatchObject({ job_id: '1', adopted: true });
    expect(manifestOf(site.root, runIds(site.root)[0] ?? '')['slurm']['submit_argv']).not.toContain('--hold');
  });
});

describe.concurrent('two copies that the site lets go', () => {
  const twice = { command: 'sbatch' as const, nth: 1, fault: 'accepted_twice' };

  /** The ledger keeps what was submitted; the rest speaks of the copy that ran. */
  function expectSecond(site: World, slurm: Record<string, any>, runId: string): void {
    expect(slurm['job_id']).toBe('2');
    expect(manifestOf(site.root, runId)['job_id']).toBe('1');
    expect(ledgerRows(site.root)[0]).toContain('| job_id=1 |');
    expect(slurm['evidence'][0]).toBe(
      'job 2 owns the run by its claim, and the queue has it as a copy of ours: it is followed instead of job 1',
    );
    const owners = journalOf(site.root, runId).filter((line) => line.event === 'job.owner');
    expect(owners.map((line) => [line.data['job_id'], line.data['instead_of']])).toEqual([['2', '1']]);
  }

  it('the one that sbatch did not name runs: it is followed, and the other one is taken out of the queue', async () => {
    const site = world([twice, { command: 'job', nth: 1, fault: 'hold_admin' }], {
      hold: false,
      entrypoint: WAITING,
    });
    const driver = startAutolab(site.root, ['launch', '--json'], { env: site.fake.env });
    const runId = await begun(site.root);
    letEnd(site.root, runId);
    const end = await driver.ended;
    const slurm = expectEnd(site, { ...end, json: parseJson(end) });
    expectSecond(site, slurm, runId);
    expect(slurm['confirmation']['rows'][0]).toMatchObject({ job_id: '2', state: 'COMPLETED' });
    expect(site.fake.job(1)).toMatchObject({ state: 'CANCELLED', started_at: null });
  });

  it('nobody says whose the claim is until the first one was kept from running', async () => {
    const site = world(
      [
        twice,
        { command: 'job', nth: 1, fault: 'starts_after', job: 2 },
        // The probe and the look before the submission come first.
        { command: 'squeue', nth: 3, fault: 'unreachable' },
        { command: 'sacct', nth: 1, fault: 'down' },
      ],
      { hold: false },
    );
    const end = await launch(site);
    const slurm = expectEnd(site, end, { ...COMPLETED, ran: 2 });
    expectSecond(site, slurm, end.json['run_id'] as string);
    expect(site.fake.job(1)).toMatchObject({ state: 'FAILED', exit_code: 98 });
  });

  it('nobody says whose the claim is, and the first one stays held: it is asked again', async () => {
    const site = world(
      [
        twice,
        { command: 'job', nth: 1, fault: 'hold_admin' },
        { command: 'squeue', nth: 3, fault: 'unreachable' },
        { command: 'sacct', nth: 1, fault: 'down' },
      ],
      { hold: false },
    );
    const end = await launch(site);
    expectSecond(site, expectEnd(site, end), end.json['run_id'] as string);
    expect(site.fake.job(1)).toMatchObject({ state: 'CANCELLED', started_at: null });
  });

  it('a cancel reaches the one that runs', async () => {
    const site = world([twice, { command: 'job', nth: 1, fault: 'hold_admin' }], {
      hold: false,
      entrypoint: WAITING,
    });
    expect((await launch(site, ['launch', '--detach'])).json['outcome']).toBe('submitted');
    await begun(site.root);
    expectEnd(site, await launch(site, ['cancel']), failed('run.cancelled', { status: 0 }));
    expect(site.fake.jobs().map((job) => job.state)).toEqual(['CANCELLED', 'CANCELLED']);
  });

  it('their answer is lost: neither is cancelled before one has claimed the run', async () => {
    const site = world(
      [
        twice,
        { command: 'sbatch', nth: 1, fault: 'accepted_timeout' },
        { command: 'job', nth: 1, fault: 'hold_admin' },
      ],
      { hold: false },
    );
    expect(expectEnd(site, await launch(site))).toMatchObject({ job_id: '2', adopted: true });
    expect(site.fake.job(2).state).toBe('COMPLETED');
  });
});

function commandLines(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8')];
      } catch {
        return [];
      }
    });
}
