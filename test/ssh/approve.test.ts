import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { autolabJson } from '../support/autolab.ts';
import { describeOverSsh, Far } from '../support/far.ts';
import { farProject, type FarProjectOptions } from '../support/far-project.ts';
import { readJson, write } from '../support/project.ts';
import { stateOf } from '../support/runs.ts';
import { sharedCluster } from '../support/slurm.ts';

/** `approve` tries the activation where it will run: on the launch host behind ssh. */

const REVIEW = 'experiments/iter1/review_result.json';

let far: Far;

function reviewable(activation: string, options: FarProjectOptions = {}): string {
  const root = farProject(far, { activation, ...options, state: { stage: 'implementation_review' } });
  rmSync(join(root, REVIEW));
  return root;
}

const approve = (root: string) => autolabJson(root, ['approve', '--by', 'ada', '--yes'], { env: far.near });

describeOverSsh('autolab approve over ssh', () => {
  beforeAll(async () => {
    const cluster = await sharedCluster();
    far = await Far.start({ env: cluster.env, shared: [cluster.folder] });
    mkdirSync(join(far.home, 'env'));
    writeFileSync(join(far.home, 'env/activate'), 'export FAR=1\n');
  });

  it('runs the activation there, with the plan and the opinion of its site', async () => {
    const root = reviewable('. ~/env/activate\n[ "$FAR" = 1 ]\n');
    const ended = await approve(root);
    expect([ended.status, ended.json['required_checks']], ended.stdout).toMatchObject([
      0,
      { env_smoke: 'pass', dry_run: 'pass', schema: 'pass' },
    ]);
    expect(JSON.stringify(ended.json['checks'])).toContain('the activation works on far');
    const launched = await autolabJson(root, ['launch'], { env: far.near });
    expect(launched.json['code'], launched.stderr).toBe('run.completed');
  });

  it('an activation that fails there is a finding with its words, though it works here', async () => {
    const root = reviewable(`[ "$HOME" != '${far.home}' ] || { echo this-is-far >&2; exit 4; }\n`);
    const ended = await approve(root);
    expect([ended.status, ended.json['stage_after']], ended.stdout).toEqual([10, 'implementation']);
    const [finding = ''] = readJson(root, REVIEW)['blocking_findings'] as string[];
    expect(finding).toMatch(/^env_smoke: .*status 4 on far: this-is-far$/s);
  });

  it('what the activation takes from the project is not there before the launch: nothing is claimed of it', async () => {
    const root = reviewable('. env/setup.sh\n');
    write(root, 'env/setup.sh', 'export X=1\n');
    const ended = await approve(root);
    expect([ended.status, ended.json['required_checks']], ended.stdout).toMatchObject([0, { env_smoke: 'skip' }]);
    expect(JSON.stringify(ended.json['checks'])).toContain('env/setup.sh');
  });

  it('a host that does not answer sends nobody back, and writes nothing', async () => {
    const root = reviewable('# nothing\n');
    const before = stateOf(root);
    await far.closePort();
    await far.disconnect();
    const ended = await approve(root);
    expect([ended.status, ended.json['code']], ended.stdout).toEqual([10, 'remote.unreachable']);
    expect(stateOf(root)).toEqual(before);
    await far.openPort();
  });
});
