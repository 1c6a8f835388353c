import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { autolab } from '../support/autolab.ts';
import { call, callWithoutTrace } from '../support/contract.ts';
import { makeProject, temporaryFolder, treeDigest } from '../support/project.ts';

/** R10: the launcher writes nowhere but where it says, also where a symbolic link would lead it away. */

/** Puts what is at a place of the project elsewhere, and a link in its stead. */
function leadOut(root: string, place: string, target: 'as it was' | 'empty folder' | 'nothing'): string {
  const outside = temporaryFolder();
  const elsewhere = join(outside, 'target');
  if (target === 'as it was') renameSync(join(root, place), elsewhere);
  else rmSync(join(root, place), { recursive: true, force: true });
  if (target === 'empty folder') mkdirSync(elsewhere);
  mkdirSync(dirname(join(root, place)), { recursive: true });
  symlinkSync(elsewhere, join(root, place));
  return outside;
}

const LINKS = [
  ['.autolab', 'as it was'],
  ['.autolab/state.json', 'as it was'],
  ['.autolab/agent_result.json', 'nothing'],
  ['.autolab/active_run.json', 'nothing'],
  ['.autolab/prompts/rendered', 'empty folder'],
  ['.autolab/prompts/rendered/launch.md', 'nothing'],
  ['docs', 'as it was'],
  ['docs/slurm_job_list.md', 'as it was'],
  ['experiments', 'as it was'],
  ['experiments/iter1', 'as it was'],
  ['experiments/iter1/launch', 'empty folder'],
  ['experiments/iter1/launch/run_local.sh', 'nothing'],
  ['experiments/iter1/launch/run_slurm.sbatch', 'nothing'],
  ['experiments/iter1/runs', 'empty folder'],
  ['experiments/iter1/runs/r1', 'empty folder'],
  ['experiments/iter1/runs/r1', 'nothing'],
] as const;

describe('a symbolic link that leads out of the project', () => {
  it.each(LINKS)('at %s (%s) is refused, here and there nothing is written', async (place, target) => {
    const root = makeProject();
    const outside = leadOut(root, place, target);
    const before = treeDigest(outside);

    const refused = await callWithoutTrace(root, ['launch', '--run-id', 'r1']);

    expect(refused).toMatchObject({ status: 12, json: { outcome: 'refused', code: 'path.escapes' } });
    expect(refused.json['message']).toContain(place);
    expect(treeDigest(outside)).toBe(before);
  });

  it('is refused by render as well', async () => {
    const root = makeProject();
    const outside = leadOut(root, '.autolab/prompts/rendered', 'empty folder');

    const refused = await callWithoutTrace(root, ['render']);

    expect(refused).toMatchObject({ status: 12, json: { code: 'path.escapes' } });
    expect(existsSync(join(outside, 'target/launch.md'))).toBe(false);
  });
});

describe('a symbolic link that was put in the place of an open run', () => {
  it.each(['', '/logs', '/receipt', '/journal.jsonl', '/logs/driver.log'])(
    'at runs/r1%s is refused by whatever would go on with the run',
    async (place) => {
      const root = makeProject();
      await autolab(root, ['launch', '--run-id', 'r1'], {
        env: { AUTOLAB_CRASH_AT: 'journal.execute.step.intent.after' },
      });
      const outside = leadOut(root, `experiments/iter1/runs/r1${place}`, 'as it was');
      const before = treeDigest(outside);

      for (const words of [['launch'], ['resume'], ['cancel'], ['cancel', '--force', '--by=ada', '--note=n']]) {
        const refused = await callWithoutTrace(root, words);

        expect(refused, words.join(' ')).toMatchObject({
          status: 12,
          json: { outcome: 'refused', code: 'path.escapes' },
        });
        expect(refused.json['message']).toContain(`experiments/iter1/runs/r1${place}`);
      }
      expect(treeDigest(outside)).toBe(before);
    },
  );
});

describe('a symbolic link that stays inside', () => {
  it('is as good as a folder', async () => {
    const root = makeProject();
    mkdirSync(join(root, 'big-disk'));
    symlinkSync('../../big-disk', join(root, 'experiments/iter1/runs'));

    const launched = await call(root, ['launch', '--run-id', 'r1']);

    expect(launched).toMatchObject({ status: 0, json: { code: 'run.completed' } });
    expect(existsSync(join(root, 'big-disk/r1/run_manifest.json'))).toBe(true);
  });

  it('may also lead to the project itself', async () => {
    const root = makeProject();
    const link = join(temporaryFolder(), 'project');
    symlinkSync(root, link);

    const launched = await call(link, ['launch', '--run-id', 'r1']);

    expect(launched).toMatchObject({ status: 0, json: { code: 'run.completed' } });
  });
});

describe('what is read', () => {
  it('may lie elsewhere: a design that is a link out is only read', async () => {
    const root = makeProject();
    const outside = leadOut(root, 'experiments/iter1/design.yaml', 'as it was');
    const before = treeDigest(outside);

    const launched = await call(root, ['launch', '--run-id', 'r1']);

    expect(launched.status).toBe(0);
    expect(treeDigest(outside)).toBe(before);
  });
});
