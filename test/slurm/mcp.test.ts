import { expect, it } from 'vitest';
import { approveDocuments } from '../support/approval.ts';
import { connect } from '../support/mcp-clients.ts';
import { startsOf } from '../support/project.ts';
import { begun, kill, letEnd, manifestOf, SLOW_MS, WAITING } from '../support/runs.ts';
import { describeOnSlurm, sharedCluster } from '../support/slurm.ts';
import { expectOnce, slurmProject } from '../support/slurm-project.ts';

describeOnSlurm('an agent', () => {
  it(
    'launches a job, goes away, and waits for it later; waiting again and again asks the scheduler no more',
    async () => {
      const { env } = await sharedCluster();
      const root = slurmProject({ entrypoint: WAITING });
      const approved = approveDocuments(root);
      const first = await connect(root, { env });
      expect(await first.call('check')).toMatchObject({ isError: false, value: { plan: { mode: 'slurm' } } });
      expect((await first.call('launch', { approved })).value).toMatchObject({ code: 'run.submitted' });
      const run = await begun(root);
      kill(first.pid);

      const second = await connect(root, { env });
      expect((await second.call('launch', { approved })).value).toMatchObject({ code: 'run.submitted', run_id: run });
      for (let call = 0; call < 5; call += 1)
        expect((await second.call('wait', { seconds: 1 })).value).toMatchObject({
          code: 'run.still_going',
          run_id: run,
        });
      letEnd(root, run);
      let answer = await second.call('wait');
      while (answer.value['code'] === 'run.still_going') answer = await second.call('wait');

      expect(answer.value).toMatchObject({ code: 'run.completed', run_id: run });
      expect(startsOf(root, run)).toBe(1);
      await expectOnce(env, root, run);
      expect((manifestOf(root, run)['slurm'] as { polls: number }).polls).toBeLessThan(12);
    },
    SLOW_MS,
  );
});
