import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { autolabJson, inRun, parseJson } from '../support/autolab.ts';
import { fakeCommands, keepUntilEnd, runIds, temporaryFolder, until } from '../support/project.ts';
import { manifestOf, SLOW_MS, stoppedAt } from '../support/runs.ts';
import { type Cluster, describeOnSlurm, endOfTime, sharedCluster } from '../support/slurm.ts';
import { journalOf, slurm, untilSlurm } from '../support/slurm-project.ts';
import { beganIn, endsIn, keptProject, KILLED_WHOLE, resultsIn, UNTIL_GO } from '../support/tasks/slurm-tasks.ts';

/** How tasks end on a real Slurm, whatever its commands say at first (X1, X9, X15). */

let cluster: Cluster;

/** The first answer is the one row that stands for all elements while they are young, the second one has one end. */
const LATE_BOOKS = (count: string): string => `PATH="\${PATH#*:}"
case "$*" in -j*) ;; *) exec sacct "$@" ;; esac
printf . >> ${count}
ended() { printf '%s\\n' "$said" | awk -F'|' 'NR == 1 || ($1 ~ /_[0-9]+$/ && $4 !~ /PENDING|RUNNING|REQUEUED/)'; }
until said="$(sacct "$@")" || exit; [ "$(ended | wc -l)" -gt 1 ]; do sleep 0.5; done
case "$(cat ${count})" in
  .) printf '%s\\n' "$said" | awk -F'|' -v OFS='|' 'NR == 2 { $1 = $2; $3 = "allocation"; $4 = "COMPLETED"; $5 = "0:0" } NR < 3' ;;
  ..) ended | head -n 2 ;;
  *) printf '%s\\n' "$said" ;;
esac`;

/** The tests run at the same time: what one of them needs stays until all have ended. */
function keptCommands(commands: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const env = fakeCommands(commands);
  keepUntilEnd(env['PATH']?.split(':')[0] ?? '');
  return env;
}

describeOnSlurm('the ends of tasks', { concurrent: true }, () => {
  beforeAll(async () => {
    cluster = await sharedCluster();
  });

  it(
    'are told apart: out of memory, killed without a receipt, out of time, cancelled before and after the start',
    async ({ skip }) => {
      skip(cluster.memoryLimits === 'none', 'Slurm can use no memory cgroup of this machine');
      const count = join(keepUntilEnd(temporaryFolder()), 'asked');
      const env = { ...cluster.env, ...keptCommands({ sacct: LATE_BOOKS(count) }) };
      const root = keptProject({
        count: 6,
        body: `case $1 in 1) head -c 400M /dev/zero | tail -n 1 ;; 2) ${KILLED_WHOLE} ;; 3 | 4) sleep 300 ;; esac`,
        launchYaml: 'poll: {min_seconds: 5, max_seconds: 20}\nconfirm: {timeout_seconds: 30}\n',
      });
      const driver = await stoppedAt(root, ['launch', '--json'], 'submit.listed', env);
      const runId = runIds(root)[0] ?? '';
      const array: string = manifestOf(root, runId)['slurm']['jobs'][0].job_id;
      slurm(cluster.env, ['scancel', `${array}_5`]);
      driver.go();
      await until('all but one have begun', () => beganIn(root, runId).length === 5);
      slurm(cluster.env, ['scancel', `${array}_3`]);
      await endOfTime(cluster, `${array}_4`);
      const end = await driver.ended;
      const json = parseJson(end);
      expect([end.status, json['code']], `${String(json['message'])}\n${end.stderr}`).toEqual([10, 'tasks.failed']);
      expect(endsIn(root, runId).map(({ state, code, attempts }) => `${state} ${String(code)} ${attempts}`)).toEqual([
        'completed null 1',
        'failed slurm.out_of_memory 1',
        'failed slurm.signal 1',
        'cancelled slurm.cancelled 1',
        'failed slurm.timeout 1',
        'not_started slurm.vanished 0',
      ]);
      expect(beganIn(root, runId)).toEqual([0, 1, 2, 3, 4]);
      const asked = journalOf(root, runId).filter(({ data }) => data['command'] === 'sacct');
      expect(asked.slice(0, 2).map(({ data }) => data['answer'])).toEqual([
        '0 elements have ended',
        '1 elements have ended',
      ]);
      expect(asked.length).toBeGreaterThan(2);
    },
    SLOW_MS,
  );

  it(
    'are those of both arrays if the site made two of one, and let one of them go',
    async () => {
      const twice = `PATH="\${PATH#*:}"
case "$*" in *--parsable*) ;; *) exec sbatch "$@" ;; esac
copy=()
for word in "$@"; do if [ "$word" != --hold ]; then copy+=("$word"); fi; done
sbatch "\${copy[@]}" > "$AUTOLAB_RUN_DIR/copy"
exec sbatch "$@"`;
      const root = keptProject({ count: 8, launchYaml: 'confirm: {timeout_seconds: 60}\n' });
      const env = { ...cluster.env, ...keptCommands({ sbatch: twice }) };
      const { status, json, stderr } = await autolabJson(root, ['launch'], { env });
      const runId = json['run_id'] as string;
      expect([status, json['code']], `${String(json['message'])}\n${stderr}`).toEqual([0, 'run.completed']);
      expect(existsSync(inRun(root, 'iter1', runId, 'copy'))).toBe(true);
      expect(beganIn(root, runId)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      const ids: string[] = endsIn(root, runId).map(({ owner }) => owner?.replace(/_.*/, '') ?? '');
      const ours: string = manifestOf(root, runId)['slurm']['jobs'][0].job_id;
      // The copy was let go first.
      expect(ids.some((id) => id !== ours)).toBe(true);
    },
    SLOW_MS,
  );

  it(
    'are unknown of what began in a run that was given up, and the rest never begins',
    async () => {
      const root = keptProject({ count: 3, more: ['max_parallel: 2'], body: UNTIL_GO });
      const { json } = await autolabJson(root, ['launch', '--detach'], { env: cluster.env });
      const [runId, jobId] = [json['run_id'] as string, json['job_id'] as string];
      await until('two have begun', () => beganIn(root, runId).length === 2);
      const force = ['cancel', '--force', '--by', 'ada', '--note', 'the cluster is gone'];
      const refused = await autolabJson(root, force, { env: cluster.env });
      expect([refused.status, refused.json['code']]).toEqual([12, 'run.not_abandonable']);
      expect(refused.json['message']).toContain(`Job ${jobId}`);

      const away = keptCommands({
        squeue: 'echo "slurm_load_jobs error: Unable to contact slurm controller" >&2; exit 1',
      });
      const given = await autolabJson(root, force, { env: { ...cluster.env, ...away } });
      expect([given.status, given.json['code']], given.stderr).toEqual([10, 'run.abandoned']);
      expect(given.json['message']).toContain('2 of 3 tasks were claimed, and 0 left a receipt of their end');
      expect(resultsIn(root, runId).map(({ state, attempts }) => `${state} ${attempts}`)).toEqual([
        ...['end_unknown 1', 'end_unknown 1', 'not_started 0'],
      ]);
      writeFileSync(inRun(root, 'iter1', runId, 'go'), '');
      await untilSlurm('the array has ended', () => {
        return slurm(cluster.env, ['squeue', '-h', '-j', jobId, '-o', '%T']).trim() === '';
      });
      expect(beganIn(root, runId)).toEqual([0, 1]);
    },
    SLOW_MS,
  );

  it(
    'say where the activation failed, for elements of one task and for workers',
    async () => {
      for (const more of [[], ['workers: 2', 'time: "00:00:30"']]) {
        const root = keptProject({ count: 2, more, activation: 'test -e /no/such/tool\n' });
        const { status, json, stderr } = await autolabJson(root, ['launch'], { env: cluster.env });
        const runId = json['run_id'] as string;
        expect([status, json['code']], `${String(json['message'])}\n${stderr}`).toEqual([10, 'tasks.failed']);
        expect(beganIn(root, runId)).toEqual([]);
        for (const { code, message, attempts } of endsIn(root, runId)) {
          expect([code, attempts]).toEqual(['slurm.not_started', 0]);
          expect(message).toMatch(/the script ended with status 1 at docs\/environment\.md, line \d+: "test -e/);
        }
      }
    },
    SLOW_MS,
  );
});
