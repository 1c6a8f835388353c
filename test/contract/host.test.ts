import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { call, pathWithoutSlurm } from '../support/contract.ts';
import {
  edit,
  fakeCommands,
  makeProject,
  readJson,
  runIds,
  temporaryFolder,
  until,
  write,
} from '../support/project.ts';
import { lives, manifestOf, stateOf } from '../support/runs.ts';

/** R5, R6: what kind of host this is, found out with fake commands on PATH, so that it does not matter what this machine is. */

const VERSION = 'echo slurm 23.11.4';

function detecting(location: 'local' | 'slurm' = 'local'): string {
  const root = makeProject({ compute: { location } });
  write(root, '.autolab/launch.yaml', 'host_mode: auto\n');
  return root;
}

/** Fakes in front of a PATH without Slurm. */
function path(fakes: Readonly<Record<string, string>>, without: readonly string[] = []): { PATH: string } {
  const folder = (fakeCommands(fakes)['PATH'] ?? '').split(':')[0] ?? '';
  return { PATH: `${folder}:${pathWithoutSlurm(without)}` };
}

describe('a host on which both Slurm commands answer', () => {
  const both = { sinfo: VERSION, squeue: VERSION };

  it('is a Slurm host: a local design is in conflict, and the message says which side to change', async () => {
    const root = detecting('local');

    const { status, json } = await call(root, ['launch'], { env: path(both) });

    expect(status).toBe(10);
    expect(json).toMatchObject({
      outcome: 'needs_retry',
      code: 'host.conflict',
      host_mode: 'slurm',
      stage_after: 'design',
    });
    expect(json['hint']).toContain('compute.location: slurm');
    expect(json['hint']).toContain('host_mode: local');
    expect(runIds(root)).toEqual([]);
  });

  it('asks the host of the profile, and says so where that cannot be reached', async () => {
    const root = detecting('slurm');
    const profile = '{mode: rsync, login_host: no-such-host.invalid, remote_repo_root: /home/ada/project}';
    write(root, '.autolab/remote_profiles.yaml', `default_profile: far\nprofiles:\n  far: ${profile}\n`);

    const { status, json } = await call(root, ['launch'], { env: path(both) });

    expect(status).toBe(10);
    expect(json).toMatchObject({ outcome: 'needs_retry', code: 'remote.unreachable', stage_after: 'launch' });
    expect(json['message']).toContain('no-such-host.invalid');
    expect(json['hint']).toContain('autolab remote check');
    expect(runIds(root)).toEqual([]);
  });

  it('runs a local design where launch.yaml overrules it, and the record says so', async () => {
    const root = detecting('local');
    write(root, '.autolab/launch.yaml', 'host_mode: local\n');

    const { status } = await call(root, ['launch', '--run-id', 'r1'], { env: path(both) });

    expect(status).toBe(0);
    const { host, host_mode, launch_mode } = manifestOf(root, 'r1');
    expect({ host_mode, launch_mode }).toEqual({ host_mode: 'local', launch_mode: 'local' });
    expect(host).toMatchObject({
      mode: 'local',
      overruled_by: 'host_mode: local',
      probes: { sinfo: { exit_code: 0, stdout: 'slurm 23.11.4\n' }, squeue: { exit_code: 0 } },
    });
    expect(host.reason).toContain('slurm');
  });
});

describe('a host on which a Slurm command is missing or fails', () => {
  it.each([
    ['both are missing', {}, 'is not installed'],
    ['squeue is missing', { sinfo: VERSION }, '`squeue -V` is not installed'],
    ['sinfo is missing', { squeue: VERSION }, '`sinfo -V` is not installed'],
    ['squeue fails', { sinfo: VERSION, squeue: 'echo no controller >&2; exit 1' }, 'exit status 1'],
    ['sinfo is killed', { sinfo: 'kill -9 $$', squeue: VERSION }, 'SIGKILL'],
  ] as const)('is local: %s', async (_, fakes, why) => {
    const root = detecting('local');

    const { status, json } = await call(root, ['launch', '--run-id', 'r1'], { env: path(fakes) });

    expect(status).toBe(0);
    expect(json).toMatchObject({ code: 'run.completed', host_mode: 'local' });
    expect(manifestOf(root, 'r1')['host'].reason).toContain(why);
  });

  it('keeps every probe with argv, exit status, both outputs and duration', async () => {
    const root = detecting('local');
    const fakes = {
      hostname: 'echo node07; echo odd >&2',
      sinfo: VERSION,
      squeue: 'echo out; echo no controller >&2; exit 3',
    };

    await call(root, ['launch', '--run-id', 'r1'], { env: path(fakes) });

    const { probes } = manifestOf(root, 'r1')['host'];
    expect(probes.hostname).toMatchObject({
      argv: ['hostname'],
      exit_code: 0,
      stdout: 'node07\n',
      stderr: 'odd\n',
      timed_out: false,
      spawn_error: null,
    });
    expect(probes.sinfo).toMatchObject({ argv: ['sinfo', '-V'], exit_code: 0, stdout: 'slurm 23.11.4\n' });
    expect(probes.squeue).toMatchObject({
      argv: ['squeue', '-V'],
      exit_code: 3,
      stdout: 'out\n',
      stderr: 'no controller\n',
    });
    for (const probe of Object.values(probes as Record<string, { duration_ms: number; at: string }>)) {
      expect(probe.duration_ms).toBeGreaterThanOrEqual(0);
      expect(probe.at).toMatch(/^\d{4}-.*Z$/);
    }
  });

  it('is in conflict with a design for Slurm', async () => {
    const root = detecting('slurm');

    const { status, json } = await call(root, ['launch'], { env: path({}) });

    expect(status).toBe(10);
    expect(json).toMatchObject({ code: 'host.conflict', host_mode: 'local', stage_after: 'design' });
    expect(json['hint']).toContain('Slurm login node');
    expect(json['hint']).toContain('compute.location: local');
  });
});

describe('a host of which nobody knows the kind', () => {
  it('is not resolvable when a probe hangs: no answer is no reason to change the design', async () => {
    const root = detecting('local');
    const pidFile = join(temporaryFolder(), 'pid');

    const { status, json } = await call(root, ['launch'], {
      env: path({ sinfo: VERSION, squeue: `echo $$ > ${pidFile}; exec sleep 3600` }),
    });

    expect(status).toBe(10);
    expect(json).toMatchObject({ code: 'host.probe_hung', host_mode: null, stage_after: 'launch', stage_attempt: 0 });
    expect(json['message']).toContain('`squeue -V`');
    expect(stateOf(root)).toMatchObject({ stage: 'launch', stage_attempt: 0 });
    expect(readJson(root, '.autolab/agent_result.json')['probes'].squeue).toMatchObject({
      timed_out: true,
      exit_code: null,
    });
    expect(existsSync(pidFile)).toBe(true);
    await until('the probe that hung is ended', () => !lives(Number(readFileSync(pidFile, 'utf8'))));
  });

  it.each([
    ['fails', { hostname: 'echo broken >&2; exit 1' }, [], 'exit status 1'],
    ['is missing', {}, ['hostname'], 'is not installed'],
  ] as const)('is not resolvable when hostname %s', async (_, fakes, without, why) => {
    const root = detecting('local');

    const { status, json } = await call(root, ['launch'], {
      env: path({ sinfo: VERSION, squeue: VERSION, ...fakes }, without),
    });

    expect(status).toBe(10);
    expect(json).toMatchObject({ code: 'host.unresolved', host_mode: null, stage_after: 'launch', stage_attempt: 0 });
    expect(json['message']).toContain(why);
    expect(readJson(root, '.autolab/agent_result.json')).toMatchObject({
      code: 'host.unresolved',
      probes: { sinfo: { exit_code: 0 } },
    });
  });
});

describe('the probes', () => {
  it("do not see the caller's own Slurm variables, save for the one that names the cluster", async () => {
    const root = detecting('local');
    edit(root, '.autolab/launch.yaml', () => 'host_mode: local\n');
    const caller = {
      SLURM_JOB_ID: '7',
      SLURM_CLUSTERS: 'other',
      SBATCH_TIMELIMIT: '1',
      SQUEUE_STATES: 'PD',
      SACCT_FORMAT: 'x',
      SINFO_FORMAT: 'y',
      SLURM_CONF: '/etc/here.conf',
    };

    await call(root, ['launch', '--run-id', 'r1'], { env: { ...path({ sinfo: 'env', squeue: 'env' }), ...caller } });

    const seen = manifestOf(root, 'r1')['host'].probes.squeue.stdout as string;
    expect(seen).toMatch(/^PATH=/m);
    expect(seen).toMatch(/^SLURM_CONF=\/etc\/here\.conf$/m);
    for (const name of Object.keys(caller).filter((one) => one !== 'SLURM_CONF'))
      expect(seen).not.toMatch(new RegExp(`^${name}=`, 'm'));
  });

  it('are asked again at every launch', async () => {
    const root = detecting('slurm');

    const before = await call(root, ['launch', '--dry-run'], { env: path({}) });
    const after = await call(root, ['launch', '--dry-run'], { env: path({ sinfo: VERSION, squeue: VERSION }) });

    expect(before.json).toMatchObject({ code: 'host.conflict' });
    expect(after.json).toMatchObject({ code: 'ok', host_mode: 'slurm' });
  });
});
