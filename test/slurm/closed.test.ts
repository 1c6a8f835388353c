import { beforeAll, expect, it } from 'vitest';
import { autolab, autolabJson } from '../support/autolab.ts';
import { edit, readJson, runIds, treeDigest, write } from '../support/project.ts';
import { begun, eventsOf, expectClosed, letEnd, manifestOf, SLOW_MS, stateOf, WAITING } from '../support/runs.ts';
import { describeOnSlurm, sharedCluster } from '../support/slurm.ts';
import { jobOf, slurm, type SlurmEnv, slurmProject, untilSlurm } from '../support/slurm-project.ts';

/** What is open while a job is queued or runs: agent_result.json, and an experiment that was closed meanwhile. */

let env: SlurmEnv;

const RESULT = '.autolab/agent_result.json';
const COMPLETE = { status: 'complete', run_open: false };

function close(root: string): void {
  edit(root, '.autolab/backlog.yaml', (text) =>
    text.replace('    status: open\n    iteration_id', '    status: done\n    iteration_id'),
  );
}

async function detachedRun(): Promise<{ root: string; runId: string }> {
  const root = slurmProject({ entrypoint: WAITING });
  write(root, RESULT, JSON.stringify({ status: 'complete', run_id: 'older' }));
  expect((await autolab(root, ['launch', '--detach'], { env })).status).toBe(0);
  const [runId = ''] = runIds(root);
  return { root, runId };
}

describeOnSlurm('a job that nobody waits for', () => {
  beforeAll(async () => {
    ({ env } = await sharedCluster());
  });

  it(
    'is an open run in agent_result.json, queued and running, until it is recorded',
    async () => {
      const { root, runId } = await detachedRun();
      const open = { status: 'needs_retry', run_open: true, run_id: runId, next_command: 'autolab resume' };
      expect(readJson(root, RESULT)).toMatchObject({ ...open, code: 'run.submitted' });
      await begun(root);
      expect((await autolab(root, ['resume', '--wait-timeout', '1'], { env })).status).toBe(14);
      expect(readJson(root, RESULT)).toMatchObject({ ...open, code: 'run.still_going' });
      letEnd(root, runId);
      expect((await autolab(root, ['resume'], { env })).status).toBe(0);
      expect(readJson(root, RESULT)).toMatchObject({ ...COMPLETE, run_id: runId });
    },
    SLOW_MS,
  );

  it(
    'of a closed experiment is stopped by cancel, and recorded as cancelled',
    async () => {
      const { root, runId } = await detachedRun();
      await begun(root);
      close(root);
      const cancelled = await autolabJson(root, ['cancel'], { env });
      expect([cancelled.status, cancelled.json['code']]).toEqual([0, 'run.cancelled']);
      expect(eventsOf(root, runId)).toContain('cancel.requested');
      expect(manifestOf(root, runId)['slurm'].state).toMatch(/^CANCELLED/);
    },
    SLOW_MS,
  );

  it(
    'of a closed experiment stays open once it had completed: nothing is called cancelled or completed',
    async () => {
      const { root, runId } = await detachedRun();
      await begun(root);
      letEnd(root, runId);
      const job = await jobOf(root, runId);
      await untilSlurm(
        'the job leaves the queue',
        () => slurm(env, ['squeue', '--noheader', '--me', '--jobs', job]) === '',
      );
      close(root);
      const before = treeDigest(root);

      const refused = await autolabJson(root, ['cancel'], { env });

      expect([refused.status, refused.json['code'], refused.json['run_id']]).toEqual([12, 'backlog.closed', runId]);
      expect(treeDigest(root)).toBe(before);
      expect(stateOf(root)).toMatchObject({ stage: 'launch', pending_run_id: runId });
      expect((await autolab(root, ['backlog', 'reopen', 'e1', '--by', 'ada', '--note', 'n'])).status).toBe(0);
      expect((await autolab(root, ['resume'], { env })).status).toBe(0);
      expectClosed(root, { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 }, 're-opened');
    },
    SLOW_MS,
  );
});
