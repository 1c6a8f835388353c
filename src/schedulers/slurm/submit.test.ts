import { describe, expect, it } from 'vitest';
import { changedEnvironment } from '../../platform/environment.ts';
import { CLIENT_ENVIRONMENT, removedFrom, submitEnvironment } from './environment.ts';
import { sbatchArgv, submitKey } from './submit.ts';

const inputs = {
  script: '/p/runs/r1/receipt/run_slurm.sbatch',
  key: 'autolab-r1-3fa9c1',
  chdir: '/p',
  logs: '/p/runs/r1/logs',
  requeue: false,
  hold: true,
};

describe('sbatchArgv', () => {
  it('holds the job, names it, and leaves nothing to the environment of the site or the user', () => {
    expect(sbatchArgv(inputs)).toEqual({
      ok: true,
      argv: [
        'sbatch',
        '--parsable',
        '--hold',
        '--job-name=autolab-r1-3fa9c1',
        '--chdir=/p',
        '--output=/p/runs/r1/logs/slurm-%j.out',
        '--error=/p/runs/r1/logs/slurm-%j.err',
        '--export=ALL',
        '--no-requeue',
        '/p/runs/r1/receipt/run_slurm.sbatch',
      ],
    });
  });

  it('requeues and does not hold if requested', () => {
    const result = sbatchArgv({ ...inputs, requeue: true, hold: false });
    expect(result.ok && result.argv).toContain('--requeue');
    expect(result.ok && result.argv).not.toContain('--no-requeue');
    expect(result.ok && result.argv).not.toContain('--hold');
  });

  // Tried on 22.05: the file appears in the folder `a%b c`.
  it('takes a percent sign literally in the logs, and leaves it alone elsewhere', () => {
    const result = sbatchArgv({ ...inputs, chdir: '/a%b c', logs: '/a%b c/logs' });
    expect(result.ok && result.argv).toContain('--output=/a%%b c/logs/slurm-%j.out');
    expect(result.ok && result.argv).toContain('--chdir=/a%b c');
  });

  it.each([
    ['a backslash', '/a\\b', 'backslash'],
    ['a newline', '/a\nb', 'control character'],
    ['a relative path', 'a', 'not absolute'],
  ])('refuses %s as a value', (_name, path, word) => {
    for (const where of ['script', 'chdir', 'logs'] as const) {
      const result = sbatchArgv({ ...inputs, [where]: path });
      expect(result.ok).toBe(false);
      expect(!result.ok && result.message).toContain(word);
      expect(!result.ok && result.hint).toContain('Rename or move the project');
    }
  });
});

describe('submitKey', () => {
  it('is the run id and a nonce', () => {
    expect(submitKey('20261124T031500Z_3fa9c1', 'abc123')).toBe('autolab-20261124T031500Z_3fa9c1-abc123');
  });
  it.each(['a,b', 'a b', '', 'a\nb', 'a|b'])('does not take %j', (runId) => {
    expect(() => submitKey(runId, 'abc')).toThrow('looked up');
    expect(() => sbatchArgv({ ...inputs, key: `autolab-${runId}-x` })).toThrow('looked up');
  });
});

describe('environments', () => {
  const env = {
    PATH: '/bin',
    LC_ALL: 'de_DE.UTF-8',
    TZ: 'Asia/Tokyo',
    SLURM_CONF: '/etc/slurm.conf',
    SLURM_TIME_FORMAT: 'relative',
    SLURM_JOB_ID: '7',
    SBATCH_TIMELIMIT: '7',
    SQUEUE_STATES: 'PD',
    SCANCEL_STATE: 'PENDING',
    SCONTROL_ALL: '1',
    EMPTY: undefined,
  };
  it('fixes what the answers of Slurm look like, and says what it removed', () => {
    expect(changedEnvironment(env, CLIENT_ENVIRONMENT)).toEqual({
      PATH: '/bin',
      SLURM_CONF: '/etc/slurm.conf',
      LC_ALL: 'C',
      TZ: 'UTC0',
      SLURM_BITSTR_LEN: '0',
      SLURM_TIME_FORMAT: '%Y-%m-%dT%H:%M:%S%z',
    });
    expect(removedFrom(env)).toEqual([
      'SBATCH_TIMELIMIT',
      'SCANCEL_STATE',
      'SCONTROL_ALL',
      'SLURM_JOB_ID',
      'SLURM_TIME_FORMAT',
      'SQUEUE_STATES',
    ]);
  });
  it('leaves to a job what the user has set for programs', () => {
    expect(changedEnvironment(env, submitEnvironment({ AUTOLAB_RUN_ID: 'r1' }))).toEqual({
      PATH: '/bin',
      LC_ALL: 'de_DE.UTF-8',
      TZ: 'Asia/Tokyo',
      SLURM_CONF: '/etc/slurm.conf',
      SLURM_TIME_FORMAT: 'relative',
      SQUEUE_STATES: 'PD',
      SCANCEL_STATE: 'PENDING',
      SCONTROL_ALL: '1',
      AUTOLAB_RUN_ID: 'r1',
    });
  });
});
