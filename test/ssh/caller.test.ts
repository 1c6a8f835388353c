import { existsSync, writeFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { autolab, autolabJson, inRun, parseJson, startAutolab } from '../support/autolab.ts';
import { problemsOf } from '../support/contract.ts';
import { describeOverSsh, Far } from '../support/far.ts';
import { farProject, farRun } from '../support/far-project.ts';
import { read, runIds, until } from '../support/project.ts';
import { manifestOf, SLOW_MS, stateOf } from '../support/runs.ts';
import { sharedCluster } from '../support/slurm.ts';
import { farRunOf, farTasksProject } from '../support/tasks/far-tasks.ts';
import { endsIn, UNTIL_GO } from '../support/tasks/slurm-tasks.ts';

/** The environment of the launch host: what it asks of sbatch is named, and its shell is not the design's fault (X11, X14). */

const TOOLS = 'awk base64 bash cat date df env find git hostname rsync sed sh sha256sum tar timeout uname';
/** Hides Slurm's commands, as a host does whose module is not loaded. */
const WITHOUT_SLURM = `mkdir -p "$HOME/few"; for tool in ${TOOLS}; do ln -sf "$(command -v "$tool")" "$HOME/few/"; done; PATH="$HOME/few"`;

/** Everything that is on the PATH but `tr`. */
const WITHOUT_TR = `mkdir -p "$HOME/but tr"; IFS=:; for folder in $PATH; do ln -sf "$folder"/* "$HOME/but tr/"; done; rm -f "$HOME/but tr/tr"; PATH="$HOME/but tr"`;

let far: Far;

describeOverSsh('the environment of a launch host behind ssh', () => {
  beforeAll(async () => {
    const cluster = await sharedCluster();
    far = await Far.start({ env: cluster.env, shared: [cluster.folder] });
  });

  it(
    'variables that are not used are named',
    async () => {
      const root = farProject(far, { profile: { setup: 'export SBATCH_ACCOUNT=limited' } });

      const { json } = await autolabJson(root, ['launch', '--dry-run'], { env: far.near });

      expect(json['code'], json['message']).toBe('ok');
      expect(problemsOf(json)).toMatchObject([{ code: 'value.not_used', pointer: '/compute/account' }]);
    },
    SLOW_MS,
  );

  it(
    'PYTHONUNBUFFERED=1 reaches the job unless that host sets it, and the record says so',
    async () => {
      for (const [setup, seen, recorded] of [
        [undefined, '1', { PYTHONUNBUFFERED: '1' }],
        ['export PYTHONUNBUFFERED=0', '0', {}],
      ] as const) {
        const root = farProject(far, {
          entrypoint: 'echo "${PYTHONUNBUFFERED-unset}" > "$AUTOLAB_RUN_DIR/said"\n',
          artifacts: ['said'],
          ...(setup === undefined ? {} : { profile: { setup } }),
        });
        const { status, stderr } = await autolabJson(root, ['launch'], { env: far.near });
        expect(status, stderr).toBe(0);
        const [runId = ''] = runIds(root);
        expect(read(root, `experiments/iter1/runs/${runId}/said`)).toBe(`${seen}\n`);
        expect(manifestOf(root, runId)['environment_set']).toEqual(recorded);
      }
    },
    SLOW_MS,
  );

  it(
    'another cluster is refused',
    async () => {
      const root = farProject(far, { profile: { setup: 'export SLURM_CLUSTERS=other' } });

      const { status, json } = await autolabJson(root, ['launch'], { env: far.near });

      expect([status, json['code'], json['attempt_counted']], json['message']).toEqual([
        10,
        'host.other_cluster',
        false,
      ]);
      expect(json['message']).toContain('SLURM_CLUSTERS=other');
      expect(runIds(root)).toEqual([]);
    },
    SLOW_MS,
  );

  it(
    "a host without Slurm's commands that has a module system wants a setup, and the design is left alone",
    async () => {
      const root = farProject(far, { profile: { setup: `${WITHOUT_SLURM}; export LMOD_CMD=/opt/lmod` } });

      const { status, json } = await autolabJson(root, ['launch'], { env: far.near });

      expect([status, json['code'], json['stage_after']], json['message']).toEqual([10, 'host.not_on_path', 'launch']);
      expect(json['message']).toContain('LMOD_CMD is set');
      expect(json['hint']).toContain('`setup` of the profile');
      expect(stateOf(root)).toMatchObject({ stage: 'launch', stage_attempt: 0 });
    },
    SLOW_MS,
  );

  it(
    'a host without `tr` is looked at, and its receipts and logs come here',
    async () => {
      const root = farTasksProject(far, {
        ...{ count: 3, profile: { setup: WITHOUT_TR } },
        body: `echo "task $1"; [ "$1" != 1 ] || exit 3; [ "$1" != 2 ] || ${UNTIL_GO}`,
      });

      const driver = startAutolab(root, ['launch', '--json'], { env: far.near });

      const runId = await farRunOf(root, far, 3);
      await until('receipts come here while a task runs', () =>
        ['1.exit', '2.started'].every((name) => existsSync(inRun(root, 'iter1', runId, 'receipts', name))),
      );
      writeFileSync(farRun(far, runId, 'go'), '');
      const end = await driver.ended;
      const json = parseJson(end);
      expect(json['code'], `${String(json['message'])}\n${end.stderr}`).toBe('tasks.failed');
      const ends = endsIn(root, runId).map(({ state, code }) => `${state} ${String(code)}`);
      expect(ends).toEqual(['completed null', 'failed slurm.failed', 'completed null']);
      const log = await autolab(root, ['logs', '--task', '1', '--stream', 'out'], { env: far.near });
      expect(log.stdout, log.stderr).toBe('task 1\n');
    },
    SLOW_MS,
  );
});
