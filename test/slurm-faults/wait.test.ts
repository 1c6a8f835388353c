import { describe, expect, it } from 'vitest';
import type { Fault } from '../fakes/slurm/fake.ts';
import { type JsonEnded, parseJson, startAutolab } from '../support/autolab.ts';
import { until } from '../support/project.ts';
import { begun, letEnd, WAITING } from '../support/runs.ts';
import { callsOf, COMPLETED, expectEnd, failed, launch, type World, world } from '../support/slurm-faults.ts';
import { journalOf } from '../support/slurm-project.ts';

/** A job that goes on, or has ended, while the queue says otherwise, or nothing (X1, R14). */

/** The first two calls of squeue are the host's probe and the look before anything is submitted. */
const BEFORE = 2;

/** Launches an entrypoint that ends once squeue was asked so often in vain, and once more. */
async function throughPolls(site: World, polls: number): Promise<JsonEnded> {
  const driver = startAutolab(site.root, ['launch', '--json'], { env: site.fake.env });
  const runId = await begun(site.root);
  await until('squeue was asked', () => callsOf(site, 'squeue').length >= BEFORE + polls);
  expect(site.fake.job(1).state).toBe('RUNNING');
  letEnd(site.root, runId);
  const end = await driver.ended;
  return { ...end, json: parseJson(end) };
}

function answersOf(site: World, end: JsonEnded): readonly string[] {
  return journalOf(site.root, end.json['run_id'] as string)
    .filter((line) => line.event === 'scheduler.read' && line.step !== 'submit')
    .map((line) => `${String(line.data['command'])}: ${String(line.data['answer'])}`);
}

const squeue = (fault: string, polls: readonly number[]): readonly Fault[] => [
  { command: 'squeue', nth: polls.map((poll) => BEFORE + poll), fault },
];

describe.concurrent('a queue that does not say how it is', () => {
  it('hangs: the answer is given up, and the end is found', async () => {
    const site = world(squeue('hang', [1]));
    const end = await launch(site);
    expectEnd(site, end);
    expect(answersOf(site, end)[0]).toMatch(/^squeue: no answer \(it did not answer in time/);
  });

  it('shows the job in COMPLETING for minutes: after one of them, the books decide', async () => {
    const site = world([{ command: 'job', fault: 'completing', seconds: 600 }]);
    const end = await launch(site);
    expectEnd(site, end);
    expect(end.json['message']).toBe('The run completed and everything was verified.');
    const said = answersOf(site, end);
    expect(said.filter((line) => line === 'squeue: COMPLETING').length).toBeGreaterThan(2);
    // Then the controller is asked once for a notice of preemption, and last of all other copies of the job are looked for.
    expect(said.slice(-3)).toEqual([expect.stringMatching(/^sacct: COMPLETED/), 'scontrol: COMPLETING', said.at(-1)]);
    const waited = journalOf(site.root, end.json['run_id'] as string).find(
      (line) => line.event === 'step.outcome' && line.step === 'wait',
    );
    expect(waited?.data['message']).toContain('completing for over 60 s');
  });

  it('hangs while a person wants to leave: they do not wait for it', async () => {
    const site = world(squeue('hang', [1]), { entrypoint: WAITING });
    const driver = startAutolab(site.root, ['launch', '--json'], { env: site.fake.env });
    const runId = await begun(site.root);
    await until('squeue is asked', () => callsOf(site, 'squeue').length > BEFORE - 1);
    const asked = Date.now();
    driver.child.kill('SIGINT');
    const left = await driver.ended;
    expect([left.status, parseJson(left)['code']]).toEqual([130, 'interrupted']);
    expect(Date.now() - asked).toBeLessThan(60_000);
    letEnd(site.root, runId);
    await site.fake.ended(1);
    expectEnd(site, await launch(site, ['resume']));
  });

  it('is empty once, while the job runs', async () => {
    const site = world(squeue('empty', [1]), { entrypoint: WAITING });
    const end = await throughPolls(site, 2);
    expectEnd(site, end);
    expect(answersOf(site, end).slice(0, 2)).toEqual(['squeue: not in the queue', 'squeue: RUNNING']);
  });

  it('knows of no such job twice, while it runs: the books say that it does, and it is waited for', async () => {
    const site = world(squeue('forgotten', [1, 2]), { entrypoint: WAITING });
    const end = await throughPolls(site, 3);
    expectEnd(site, end);
    expect(answersOf(site, end).slice(0, 4)).toEqual([
      'squeue: unknown to the controller',
      'squeue: unknown to the controller',
      'sacct: RUNNING, not ended yet',
      'squeue: RUNNING',
    ]);
  });

  it('fails for a while: the job is called neither failed nor ended', async () => {
    const site = world([...squeue('unreachable', [1, 2]), ...squeue('killed', [3])], { entrypoint: WAITING });
    const end = await throughPolls(site, 4);
    expectEnd(site, end);
    expect(answersOf(site, end).filter((line) => line.startsWith('squeue: no answer'))).toHaveLength(3);
  });

  it('shows the job in COMPLETING for seconds', async () => {
    const site = world([{ command: 'job', fault: 'completing', seconds: 15 }]);
    const end = await launch(site);
    expect(expectEnd(site, end)['state']).toBe('COMPLETED');
    expect(answersOf(site, end)).toContain('squeue: COMPLETING');
  });
});

describe.concurrent('a job that does not run to its end', () => {
  /** The entrypoint runs by then. */
  const AFTER_SECONDS = 8;
  /** Without a receipt the queue alone tells the end: at one question a second, an hour's would be spent before it. */
  const POLL_SECONDS = 3;
  const GENERATIONS = `echo "started $SLURM_RESTART_COUNT" >> "$AUTOLAB_RUN_DIR/marker"
[ -n "$SLURM_RESTART_COUNT" ] || sleep 60
echo '{"accuracy": 1}' > "$AUTOLAB_RUN_DIR/metrics.json"
`;

  it('is requeued, as the design allows: it starts again under its id, and its second end counts', async () => {
    const site = world([], { entrypoint: GENERATIONS, compute: { requeue: true } });
    const driver = startAutolab(site.root, ['launch', '--json'], { env: site.fake.env });
    await begun(site.root);
    await site.fake.run('scontrol', ['requeue', '1']);
    const end = await driver.ended;
    const slurm = expectEnd(site, { ...end, json: parseJson(end) }, { ...COMPLETED, starts: 2 });
    expect(slurm).toMatchObject({ job_id: '1', state: 'COMPLETED', exit_code: '0:0' });
    expect(slurm['evidence']).toContain('started again 1 time(s)');
    expect(site.fake.jobs()).toHaveLength(1);
  });

  it('is requeued by the site against the design: the entrypoint is not started again', async () => {
    const site = world([{ command: 'job', fault: 'requeue', after_seconds: AFTER_SECONDS }], {
      entrypoint: GENERATIONS,
      pollSeconds: POLL_SECONDS,
    });
    const slurm = expectEnd(site, await launch(site), failed('slurm.not_owner'));
    expect(slurm).toMatchObject({ state: 'FAILED', exit_code: '98:0' });
    expect(slurm['evidence']).toContain('started again 1 time(s)');
    expect(site.fake.job(1).restarts).toBe(1);
  });

  it('loses its node, and leaves no receipt', async () => {
    const site = world([{ command: 'job', fault: 'node_fail', after_seconds: AFTER_SECONDS }], {
      entrypoint: WAITING,
      pollSeconds: POLL_SECONDS,
    });
    const slurm = expectEnd(site, await launch(site), failed('slurm.node_fail'));
    expect(slurm['state']).toBe('NODE_FAIL');
    expect(slurm['evidence']).toContain('the job left no receipt');
  });
});
