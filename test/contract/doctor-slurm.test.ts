import { describe, expect, it } from 'vitest';
import { FakeSlurm } from '../fakes/slurm/fake.ts';
import type { JsonEnded } from '../support/autolab.ts';
import { call, callWithoutTrace, pathWithoutSlurm } from '../support/contract.ts';
import { makeProject, write } from '../support/project.ts';

/** `autolab doctor` on a host with Slurm: its commands, its controller, and its books. */

const COMMANDS = ['sbatch', 'squeue', 'sacct', 'scontrol', 'scancel'];

interface Check {
  readonly name: string;
  readonly status: string;
  readonly found: string;
  readonly mend: string | null;
}

function checkOf(ended: JsonEnded, name: string): Check | undefined {
  return (ended.json['checks'] as readonly Check[]).find((check) => check.name === name);
}

function project(): string {
  const root = makeProject({ compute: { location: 'slurm' } });
  write(root, '.autolab/launch.yaml', 'host_mode: auto\n');
  return root;
}

describe('autolab doctor on a host with Slurm', () => {
  it('lists its commands, the controller and accounting, and leaves no trace', async () => {
    const fake = new FakeSlurm();

    const ended = await callWithoutTrace(project(), ['doctor'], { env: fake.env });

    expect([ended.status, ended.json['code']], ended.stderr).toEqual([0, 'ok']);
    for (const name of COMMANDS)
      expect(checkOf(ended, name)).toEqual({ name, status: 'ok', found: 'slurm-wlm 22.05.8', mend: null });
    expect(checkOf(ended, 'slurmctld')).toMatchObject({ status: 'ok', mend: null });
    expect(checkOf(ended, 'slurmctld')?.found).toMatch(/ is UP$/);
    expect(checkOf(ended, 'accounting')).toMatchObject({ status: 'ok', mend: null });
    expect(fake.jobs()).toEqual([]);
  });

  it('fails where the controller does not answer', async () => {
    // The calls are -V, ping and config, in any order.
    const fake = new FakeSlurm({}, [{ command: 'scontrol', nth: [2, 3], fault: 'unreachable' }]);

    const ended = await call(project(), ['doctor'], { env: fake.env });

    expect([ended.status, ended.json['code']]).toEqual([10, 'doctor.failed']);
    expect(checkOf(ended, 'slurmctld')).toMatchObject({ status: 'fail' });
    expect(checkOf(ended, 'slurmctld')?.found).toContain('Unable to contact slurm controller');
    expect(checkOf(ended, 'slurmctld')?.mend).toContain('SLURM_CONF');
    expect(checkOf(ended, 'accounting')).toMatchObject({ status: 'warn' });
    expect(ended.json['message']).toContain('slurmctld');
  });

  it.each([
    [300, 'off; the controller remembers a job for 300 s', /^(?!.*short)/],
    [10, 'off; the controller remembers a job for 10 s', /which is short/],
  ])('warns where accounting is off, the memory of the controller being %i s', async (seconds, found, mend) => {
    const fake = new FakeSlurm({ accounting: false, min_job_age_seconds: seconds });

    const ended = await call(project(), ['doctor'], { env: fake.env });

    expect(ended.status).toBe(0);
    expect(checkOf(ended, 'accounting')).toMatchObject({ status: 'warn', found });
    expect(checkOf(ended, 'accounting')?.mend).toMatch(mend);
    expect(checkOf(ended, 'accounting')?.mend).toContain('do not detach for long');
  });

  it('fails where one of its commands does not work, and asks no further', async () => {
    const fake = new FakeSlurm({}, [{ command: 'sacct', fault: 'killed' }]);

    const ended = await call(project(), ['doctor'], { env: fake.env });

    expect(ended.status).toBe(10);
    expect(checkOf(ended, 'sacct')).toMatchObject({ status: 'fail' });
    expect(checkOf(ended, 'sacct')?.mend).toContain('Make sacct work');
    expect(checkOf(ended, 'sbatch')).toMatchObject({ status: 'ok' });
    expect(checkOf(ended, 'slurmctld')).toBeUndefined();
  });
});

describe("autolab doctor in a shell without Slurm's commands", () => {
  const bare = (): Record<string, string> => ({ PATH: pathWithoutSlurm() });

  it('says how to load them where the host looks like a Slurm site, and nothing elsewhere', async () => {
    const there = await call(project(), ['doctor'], { env: { ...bare(), LMOD_CMD: '/opt/lmod' } });
    const elsewhere = await call(project(), ['doctor'], { env: bare() });

    expect(checkOf(there, 'Slurm commands')).toMatchObject({ status: 'warn' });
    expect(checkOf(there, 'Slurm commands')?.found).toContain('LMOD_CMD is set');
    expect(checkOf(there, 'Slurm commands')?.mend).toContain('module load slurm');
    expect(checkOf(elsewhere, 'Slurm commands')).toBeUndefined();
  });

  it('uses the setup of launch.yaml, and says why it fails', async () => {
    const fake = new FakeSlurm();
    const [works, fails] = [project(), project()];
    write(works, '.autolab/launch.yaml', `setup: export PATH='${fake.env['PATH'] ?? ''}'\n`);
    write(fails, '.autolab/launch.yaml', 'setup: echo no such module >&2; exit 1\n');
    const env = { ...bare(), AUTOLAB_FAKE_SLURM: fake.folder };

    expect(checkOf(await call(works, ['doctor'], { env }), 'slurmctld')).toMatchObject({ status: 'ok' });
    expect(checkOf(await call(fails, ['doctor'], { env }), 'setup')).toMatchObject({
      status: 'fail',
      found: 'failed: it left the shell: no such module',
    });
  });
});
