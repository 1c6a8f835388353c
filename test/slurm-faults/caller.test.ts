import { execFileSync } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { autolab, autolabJson, inRun } from '../support/autolab.ts';
import { pathWithoutSlurm, problemsOf } from '../support/contract.ts';
import { edit, keepUntilEnd, read, runIds, temporaryFolder, write } from '../support/project.ts';
import { letEnd, manifestOf, stateOf, WAITING } from '../support/runs.ts';
import { callsOf, COMPLETED, expectEnd, launch, type World, world } from '../support/slurm-faults.ts';

/** The environment of the caller (X11, X14): what is not used is said, and a shell without Slurm's commands is not the design's fault. */

const DESIGN = 'experiments/iter1/design.yaml';
const KEEPS_ENVIRONMENT =
  'echo started >> "$AUTOLAB_RUN_DIR/marker"\nenv > "$AUTOLAB_RUN_DIR/environment"\necho \'{}\' > "$AUTOLAB_RUN_DIR/metrics.json"\n';

const SET = {
  SBATCH_ACCOUNT: 'limited',
  SBATCH_CPUS_PER_GPU: '2',
  SBATCH_JOB_NAME: 'mine',
  SBATCH_TIMELIMIT: '1',
  SLURM_NTASKS: '7',
  SQUEUE_FORMAT: '%i',
  SRUN_CPUS_PER_TASK: '9',
};

describe.concurrent('variables of the caller that are not used', () => {
  it('are named with the key of the design, at launch, at a dry run and in the record; the job does not see them', async () => {
    const site = world([], { entrypoint: KEEPS_ENVIRONMENT, activation: 'export SRUN_THREADS_PER_CORE=1\n' });
    const env = { ...site.fake.env, ...SET };

    const dry = await autolabJson(site.root, ['launch', '--dry-run'], { env });
    const launched = await autolab(site.root, ['launch'], { env });

    const told = problemsOf(dry.json).filter((problem) => problem.code === 'value.not_used');
    expect(told.map(({ pointer, severity, message }) => [message.split(' ')[0], pointer, severity])).toEqual([
      ['SBATCH_ACCOUNT', '/compute/account', 'warning'],
      ['SBATCH_CPUS_PER_GPU', '/compute/sbatch_options', 'warning'],
      ['SBATCH_JOB_NAME', null, 'warning'],
      ['SBATCH_TIMELIMIT', '/compute/time', 'warning'],
      ['SRUN_CPUS_PER_TASK', null, 'warning'],
    ]);
    expect(launched.status, launched.stderr).toBe(0);
    expect(launched.stderr).toContain('SBATCH_ACCOUNT is set and not used');
    expect(launched.stderr).toContain('`compute.account`');
    const [runId = ''] = runIds(site.root);
    const { slurm, warnings } = manifestOf(site.root, runId);
    expect(slurm['removed_variables']).toEqual(Object.keys(SET));
    expect(slurm['unused_variables']).toEqual([
      { variable: 'SBATCH_ACCOUNT', design_key: 'compute.account' },
      { variable: 'SBATCH_CPUS_PER_GPU', design_key: 'compute.sbatch_options' },
      { variable: 'SBATCH_JOB_NAME', design_key: null },
      { variable: 'SBATCH_TIMELIMIT', design_key: 'compute.time' },
      { variable: 'SRUN_CPUS_PER_TASK', design_key: null },
    ]);
    expect(JSON.stringify(warnings)).toContain('SBATCH_ACCOUNT is set and not used');
    const seen = readFileSync(inRun(site.root, 'iter1', runId, 'environment'), 'utf8');
    for (const name of Object.keys(SET).filter((one) => one !== 'SQUEUE_FORMAT'))
      expect(seen).not.toMatch(new RegExp(`^${name}=`, 'm'));
    expect(seen).toMatch(/^SRUN_THREADS_PER_CORE=1$/m);
  });

  it('are not spoken of where the design asks for the same, or where they only change what is printed', async () => {
    const site = world([], { compute: { partition: 'main' } });
    const env = { ...site.fake.env, SBATCH_PARTITION: 'main', SQUEUE_FORMAT: '%i', SLURM_TIME_FORMAT: 'relative' };

    const { json } = await autolabJson(site.root, ['launch', '--dry-run'], { env });

    expect(problemsOf(json)).toEqual([]);
  });
});

describe.concurrent('another cluster than the one that answers', () => {
  it.each(['SLURM_CLUSTERS', 'SBATCH_CLUSTERS'])('is refused where %s asks for it', async (name) => {
    const site = world([]);

    const asked = await launch(site, ['launch'], { [name]: 'other' });

    expect([asked.status, asked.json['code'], asked.json['attempt_counted']], asked.stdout).toEqual([
      10,
      'host.other_cluster',
      false,
    ]);
    expect(asked.json['message']).toContain(`${name}=other`);
    expect(asked.json['message']).toContain('fake answers');
    expect(asked.json['hint']).toContain('compute.cluster');
    expect(asked.json['hint']).toContain(`Unset ${name}`);
    expect(stateOf(site.root)).toMatchObject({ stage: 'launch', stage_attempt: 0 });
    expect([runIds(site.root), callsOf(site, 'sbatch')]).toEqual([[], []]);
    expectEnd(site, await launch(site, ['launch'], { [name]: 'other,fake' }));
  });
});

function toolPath(name: string): string {
  return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
}

/** A shell that has not loaded Slurm's module, on a host that has one. */
function bare(site: World, extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { PATH: keepUntilEnd(pathWithoutSlurm()), AUTOLAB_FAKE_SLURM: site.fake.folder, ...extra };
}

describe.concurrent("a shell without Slurm's commands", () => {
  it.each(['SLURM_CONF', 'LMOD_CMD', 'MODULESHOME'])(
    'is not charged to the design where %s says that there is a Slurm',
    async (name) => {
      const site = world([]);

      const { status, json } = await autolabJson(site.root, ['launch'], { env: bare(site, { [name]: '/opt/site' }) });

      expect([status, json['code'], json['stage_after'], json['attempt_counted']]).toEqual([
        10,
        'host.not_on_path',
        'launch',
        false,
      ]);
      expect(json['message']).toContain(`${name} is set`);
      expect(json['message']).toContain('`sinfo -V` is not installed');
      expect(json['hint']).toContain('module load slurm');
      expect(json['hint']).toContain('`setup` of .autolab/launch.yaml');
      expect(json['hint']).toContain('compute.location: local');
      expect(stateOf(site.root)).toMatchObject({ stage: 'launch', stage_attempt: 0 });
    },
  );

  it('that has all but sbatch: nothing was submitted, and neither design nor attempt are touched', async () => {
    const site = world([]);
    const [fakes = ''] = (site.fake.env['PATH'] ?? '').split(':');
    const folder = keepUntilEnd(pathWithoutSlurm());
    for (const name of ['sinfo', 'squeue', 'scontrol', 'sacct', 'scancel'])
      symlinkSync(join(fakes, name), join(folder, name));
    for (const name of ['node', 'mkdir', 'rm']) symlinkSync(toolPath(name), join(folder, name));

    const { status, json } = await autolabJson(site.root, ['launch'], {
      env: { PATH: folder, AUTOLAB_FAKE_SLURM: site.fake.folder },
    });

    expect([status, json['code'], json['stage_after'], json['attempt_counted']], json['message']).toEqual([
      10,
      'slurm.not_run',
      'launch',
      false,
    ]);
    expect(json['message']).toContain('ENOENT');
    expect(stateOf(site.root)).toMatchObject({ stage: 'launch', stage_attempt: 0 });
  });

  it('is a conflict where launch.yaml says that there is none', async () => {
    const site = world([]);
    edit(site.root, '.autolab/launch.yaml', (text) => `${text}host_mode: local\n`);

    const { json } = await autolabJson(site.root, ['launch'], { env: bare(site, { SLURM_CONF: '/opt/site' }) });

    expect([json['code'], json['stage_after']]).toEqual(['host.conflict', 'design']);
  });
});

describe.concurrent('setup of this host', () => {
  function withSetup(site: World, where: 'launch.yaml' | 'profile', more = ''): string {
    const loads = join(keepUntilEnd(temporaryFolder()), 'loads');
    const setup = [`echo loaded >> ${loads}`, `export PATH='${site.fake.env['PATH'] ?? ''}'`, more].filter(Boolean);
    const lines = setup.map((line) => `      ${line}\n`).join('');
    if (where === 'launch.yaml') edit(site.root, '.autolab/launch.yaml', (text) => `${text}setup: |\n${lines}`);
    else
      write(
        site.root,
        '.autolab/remote_profiles.yaml',
        `default_profile: here\nprofiles:\n  here:\n    mode: shared_fs\n    setup: |\n${lines}`,
      );
    return loads;
  }

  it.each(['launch.yaml', 'profile'] as const)('of the %s is run once a process, and recorded', async (where) => {
    const site = world([], { entrypoint: WAITING });
    const loads = withSetup(site, where);
    const env = bare(site);

    const detached = await autolabJson(site.root, ['launch', '--detach'], { env });
    expect(detached.json['outcome'], detached.stdout + detached.stderr).toBe('submitted');
    expect(readFileSync(loads, 'utf8')).toBe('loaded\n');
    const [runId = ''] = runIds(site.root);
    letEnd(site.root, runId);
    // The record rules: what becomes of the documents does not matter.
    write(site.root, '.autolab/launch.yaml', 'poll: {min_seconds: 1, max_seconds: 1}\n');
    expectEnd(site, await autolabJson(site.root, ['resume'], { env }), COMPLETED);

    expect(readFileSync(loads, 'utf8')).toBe('loaded\nloaded\n');
    expect(manifestOf(site.root, runId)['host'].setup).toContain(`echo loaded >> ${loads}`);
    expect(manifestOf(site.root, runId)['host'].mode).toBe('slurm');
  });

  it('that leaves the shell is told, and charged to nobody', async () => {
    const site = world([]);
    withSetup(site, 'launch.yaml', 'echo no such module >&2; exit 3');

    const { status, json } = await autolabJson(site.root, ['launch'], { env: bare(site) });

    expect([status, json['code'], json['stage_after'], json['attempt_counted']]).toEqual([
      10,
      'host.setup_failed',
      'launch',
      false,
    ]);
    expect(json['message']).toContain('no such module');
  });

  it('is not run for a local design', async () => {
    const site = world([], { entrypoint: KEEPS_ENVIRONMENT });
    const loads = withSetup(site, 'launch.yaml');
    edit(site.root, DESIGN, (text) => text.replace('location: slurm', 'location: local'));

    const launched = await autolabJson(site.root, ['launch', '--dry-run'], { env: bare(site) });

    expect(launched.json['code'], launched.stdout).toBe('ok');
    expect(() => read('/', loads)).toThrow();
  });
});
