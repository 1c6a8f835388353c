import { describe, expect, it } from 'vitest';
import { outcome, read, submitted, viewAfter } from '../../test/support/slurm-journal.ts';
import { projectSlurm } from './projection-slurm.ts';

const ROW = { job_id: '7', state: 'COMPLETED', exit_code: '0:0', elapsed: '00:01:00', max_rss: '' };
const CONFIRMED = {
  source: 'sacct',
  rows: [ROW, { ...ROW, job_id: '7.batch', max_rss: '10240K' }],
  state: 'COMPLETED',
  exit_code: '0:0',
  elapsed: '00:01:00',
  max_rss: '10240K',
  nodes: 'n1',
  evidence: ['sacct: COMPLETED, exit code 0:0'],
  started_at: null,
  ended_at: null,
  used: null,
};

describe('projectSlurm', () => {
  it('is null for a local run', () => {
    expect(projectSlurm(viewAfter([], { launch_mode: 'local', slurm: null }))).toBeNull();
  });

  it('says before the submission what will be submitted', () => {
    expect(projectSlurm(viewAfter([]))).toEqual({
      cluster: null,
      submit_key: 'autolab-r1-abc',
      submit_argv: ['sbatch', '--parsable', '--hold', '/p/run_slurm.sbatch'],
      adopted: false,
      confirmation: null,
      state: null,
      exit_code: null,
      elapsed: null,
      max_rss: null,
      nodes: null,
      polls: 0,
      removed_variables: ['SQUEUE_STATES'],
      evidence: [],
    });
  });

  it('names the job as soon as its id is known', () => {
    const view = viewAfter([submitted('7', { cluster: 'gpu', adopted: true })]);
    expect(projectSlurm(view)).toMatchObject({ job_id: '7', cluster: 'gpu', adopted: true, state: null });
  });

  it('counts every question to the scheduler, those that found nothing, too', () => {
    const view = viewAfter([
      read('submit', 'squeue', 'none'),
      submitted('7'),
      read('wait', 'squeue', 'no answer'),
      read('confirm', 'sacct', 'COMPLETED'),
    ]);
    expect(projectSlurm(view)?.polls).toBe(3);
  });

  it.each(['done', 'failed'])(
    'says how the job ended where confirm is %s, with the evidence of both steps',
    (status) => {
      const view = viewAfter([
        submitted('7'),
        outcome('submit', 'done', { result: { job_id: '7', evidence: ['sbatch was called 2 times'] } }),
        outcome('confirm', status, { result: CONFIRMED }),
      ]);
      expect(projectSlurm(view)).toMatchObject({
        confirmation: { source: 'sacct', rows: CONFIRMED.rows },
        state: 'COMPLETED',
        exit_code: '0:0',
        elapsed: '00:01:00',
        max_rss: '10240K',
        nodes: 'n1',
        evidence: ['sbatch was called 2 times', 'sacct: COMPLETED, exit code 0:0'],
      });
    },
  );

  it('claims nothing of an end that was not confirmed', () => {
    const view = viewAfter([submitted('7'), outcome('wait', 'done'), ['confirm', 'step.intent', { job_id: '7' }]]);
    expect(projectSlurm(view)).toMatchObject({ confirmation: null, state: null, exit_code: null });
  });
});
