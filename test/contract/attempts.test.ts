import { describe, expect, it } from 'vitest';
import { autolab } from '../support/autolab.ts';
import { call, pathWithoutSlurm } from '../support/contract.ts';
import { edit, makeProject, readJson, temporaryFolder, write } from '../support/project.ts';
import { begun, stateOf, WAITING } from '../support/runs.ts';
import { world } from '../support/slurm-faults.ts';

/** X14, R21, R27: attempts are charged by owner. One code of each: exit status, counter, JSON, history. */

interface Told {
  readonly code: string;
  readonly status: number;
  readonly stage: string;
  /** What the JSON and the history say. */
  readonly counted: boolean | null;
}

type History = readonly { readonly code: string; readonly attempt_counted: boolean | null }[];

async function expectTold(
  root: string,
  words: readonly string[],
  { code, status, stage, counted }: Told,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const before = stateOf(root)['stage_attempt'] as number;
  const attempt = counted === true ? before + 1 : before;
  const ended = await call(root, words, { env });
  const { json } = ended;
  expect(
    { status: ended.status, code: json['code'], stage: json['stage_after'], counted: json['attempt_counted'] },
    `${ended.stdout}${ended.stderr}`,
  ).toEqual({ status, code, stage, counted });
  expect(json['stage_attempt']).toBe(attempt);
  expect(stateOf(root)).toMatchObject({ stage, stage_attempt: attempt });
  expect((stateOf(root)['history'] as History).at(-1)).toMatchObject({ code, attempt_counted: counted });
}

const COUNTED = { status: 10, stage: 'launch', counted: true } as const;
const FREE = { status: 10, stage: 'launch', counted: false } as const;

describe('an attempt is', () => {
  it('used by the experiment', async () => {
    const root = makeProject({ entrypoint: 'exit 3\n' });

    await expectTold(root, ['launch'], { code: 'local.failed', ...COUNTED });
  });

  it("kept if this machine is in the way, however often: the history has it once, and the workflow's counter stays", async () => {
    const root = makeProject({ state: { stage_attempt: 2 } });
    write(root, '.autolab/launch.yaml', 'host_mode: auto\n');
    const env = { PATH: pathWithoutSlurm(['hostname']) };

    for (let call = 0; call < 3; call += 1)
      await expectTold(root, ['launch'], { code: 'host.unresolved', ...FREE }, env);

    expect(stateOf(root)['history']).toHaveLength(1);
    expect(readJson(root, '.autolab/agent_result.json')).toMatchObject({ status: 'needs_retry', stage_attempt: 2 });
  });

  it('kept if git is in the way', async () => {
    const root = makeProject();
    write(root, '.autolab/launch.yaml', 'host_mode: local\nrequire_clean_tree: true\n');

    await expectTold(root, ['launch'], { code: 'git.required', ...FREE });
  });

  it('kept if the launch host cannot be reached', async () => {
    const root = makeProject({ compute: { location: 'slurm' } });
    const profile = '{mode: rsync, login_host: no-such-host.invalid, remote_repo_root: /home/ada/project}';
    write(root, '.autolab/remote_profiles.yaml', `default_profile: far\nprofiles:\n  far: ${profile}\n`);

    await expectTold(root, ['launch'], { code: 'remote.unreachable', ...FREE });
  });

  it.each([
    ['a node fails', 'sleep 30\n', { command: 'job', fault: 'node_fail' }, 'slurm.node_fail'],
    ['the job is preempted', 'sleep 30\n', { command: 'job', fault: 'preempt' }, 'slurm.preempted'],
    [
      'the nodes do not boot',
      'true\n',
      { command: 'job', fault: 'state', state: 'BOOT_FAIL', exit_code: '0:0' },
      'slurm.boot_fail',
    ],
  ] as const)('kept if %s', async (_what, entrypoint, fault, code) => {
    const site = world([fault], { entrypoint, state: { max_stage_attempts: 1 } });

    await expectTold(site.root, ['launch'], { code, ...FREE }, site.fake.env);
  });

  it('kept if the answer of sbatch is lost and cannot be looked up', async () => {
    const site = world([{ command: 'sbatch', fault: 'lost_timeout' }], { hold: false });

    await expectTold(site.root, ['launch'], { code: 'slurm.submit_lost', ...FREE }, site.fake.env);
  });

  it('used by a job that failed, although the site says so', async () => {
    const site = world([], { entrypoint: 'exit 3\n' });

    await expectTold(site.root, ['launch'], { code: 'slurm.failed', ...COUNTED }, site.fake.env);
  });

  it('kept if an operator decides: cancel, and the review that follows', async () => {
    const root = makeProject({ entrypoint: WAITING, state: { stage_attempt: 1 } });
    const detached = await call(root, ['launch', '--detach']);
    expect(detached.json).toMatchObject({ outcome: 'submitted', attempt_counted: null });
    await begun(root);

    await expectTold(root, ['cancel'], { code: 'run.cancelled', status: 0, stage: 'launch', counted: false });

    edit(root, '.autolab/state.json', (text) => text.replace('"stage": "launch"', '"stage": "human_review"'));
    await call(root, ['review', 'retry', '--by', 'ada', '--note', 'again']);
    expect((stateOf(root)['history'] as History).at(-1)).toMatchObject({ code: 'review.retry', attempt_counted: null });
  });

  it('not spoken of where nothing failed', async () => {
    const root = makeProject();

    expect((await call(root, ['status'])).json['attempt_counted']).toBeNull();
    const completed = { code: 'run.completed', status: 0, stage: 'extract_results', counted: null };
    await expectTold(root, ['launch'], completed);
    expect((await call(root, ['launch'])).json).toMatchObject({ code: 'state.wrong_stage', attempt_counted: false });
    expect((await call(temporaryFolder(), ['launch'])).json).toMatchObject({ attempt_counted: false });
  });
});

describe('`autolab status`', () => {
  it('says it of the failure that the open run waits for', async () => {
    const root = makeProject({ entrypoint: 'echo started\n', state: { max_stage_attempts: 9 } });

    await expectTold(root, ['launch'], { code: 'artifacts.missing', ...COUNTED });

    expect((await call(root, ['status'])).json).toMatchObject({ code: 'ok', attempt_counted: true, stage_attempt: 1 });
    await expectTold(root, ['resume'], { code: 'artifacts.missing', ...COUNTED });
  });
});

describe('the screen', () => {
  it('shows how many attempts are used, and that one was not', async () => {
    const failing = makeProject({ entrypoint: 'exit 3\n' });
    const bare = makeProject();
    write(bare, '.autolab/launch.yaml', 'host_mode: local\nrequire_clean_tree: true\n');

    expect((await autolab(failing, ['launch'])).stdout).toContain('\n  attempts: 1 of 3 used\n');
    expect((await autolab(bare, ['launch'])).stdout).toContain(
      '\n  attempts: 0 of 3 used; this failure is not counted\n',
    );
  });
});
