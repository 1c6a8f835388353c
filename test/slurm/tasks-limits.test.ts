import { expect, it } from 'vitest';
import { autolabJson } from '../support/autolab.ts';
import { manifestOf, SLOW_MS, stateOf } from '../support/runs.ts';
import { describeOnSlurm, ownCluster, sharedCluster } from '../support/slurm.ts';
import { journalOf } from '../support/slurm-project.ts';
import { beganIn, endsIn, keptProject, KILLED_WHOLE } from '../support/tasks/slurm-tasks.ts';

/** What a site takes at a time bounds how many tasks wait, not how many there are (X15). */

const every = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

describeOnSlurm('a site that takes few jobs', { concurrent: true }, () => {
  it(
    'gets the tasks array by array, as it forgets jobs; what it has forgotten is known by its receipts',
    async () => {
      const { env } = await ownCluster({ site: 'few-jobs', accounting: false, minJobAge: 2 });
      const launchYaml = 'poll: {min_seconds: 5, max_seconds: 20}\nconfirm: {timeout_seconds: 60}\n';
      const root = keptProject({ count: 12, launchYaml });
      const { status, json, stderr } = await autolabJson(root, ['launch'], { env });
      const runId = json['run_id'] as string;
      expect([status, json['code']], `${String(json['message'])}\n${stderr}`).toEqual([0, 'run.completed']);
      expect(beganIn(root, runId)).toEqual(every(12));
      const { jobs } = manifestOf(root, runId)['slurm'];
      expect((jobs as { elements: number }[]).map(({ elements }) => elements)).toEqual([4, 4, 4]);
      const lines = journalOf(root, runId);
      expect(lines.filter(({ event }) => event === 'submit.tried')).toHaveLength(3);
      expect(lines.filter(({ data }) => /^room for 4 .*unavailable/.test(String(data['answer'])))).not.toHaveLength(0);
      expect(stateOf(root)['stage_attempt']).toBe(0);
    },
    2 * SLOW_MS,
  );

  it(
    'has no accounting: its controller says how each element ended',
    async () => {
      const { env } = await ownCluster({ accounting: false, minJobAge: 300 });
      const root = keptProject({ count: 3, body: `case $1 in 1) exit 3 ;; 2) ${KILLED_WHOLE} ;; esac` });
      const { status, json, stderr } = await autolabJson(root, ['launch'], { env });
      const runId = json['run_id'] as string;
      expect([status, json['code']], `${String(json['message'])}\n${stderr}`).toEqual([10, 'tasks.failed']);
      expect(beganIn(root, runId)).toEqual(every(3));
      expect(manifestOf(root, runId)['slurm']['confirmation']).toMatchObject({ source: 'scontrol' });
      expect(endsIn(root, runId).map(({ code, attempts }) => `${String(code)} ${attempts}`)).toEqual([
        ...['null 1', 'slurm.failed 1', 'slurm.signal 1'],
      ]);
    },
    SLOW_MS,
  );

  it(
    'gets as many at a time as an account may submit, and no attempt is lost',
    async () => {
      const { env } = await sharedCluster();
      const root = keptProject({ count: 3, compute: { account: 'limited' } });
      const { status, json, stderr } = await autolabJson(root, ['launch'], { env });
      const runId = json['run_id'] as string;
      expect([status, json['code']], `${String(json['message'])}\n${stderr}`).toEqual([0, 'run.completed']);
      expect(beganIn(root, runId)).toEqual(every(3));
      const { jobs } = manifestOf(root, runId)['slurm'];
      expect((jobs as { elements: number }[]).every(({ elements }) => elements <= 2)).toBe(true);
      expect(journalOf(root, runId).some(({ data }) => /AssocMaxSubmitJobLimit/.test(String(data['answer'])))).toBe(
        true,
      );
      expect(stateOf(root)['stage_attempt']).toBe(0);
    },
    SLOW_MS,
  );
});
