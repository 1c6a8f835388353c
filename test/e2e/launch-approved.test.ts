import { describe, expect, it } from 'vitest';
import { openProject } from '../../src/index.ts';
import { approveDocuments } from '../support/approval.ts';
import { autolab, autolabJson } from '../support/autolab.ts';
import { edit, makeProject, read, runIds, startsOf } from '../support/project.ts';
import { begun, letEnd, stateOf, WAITING } from '../support/runs.ts';

/** A launch that names its approval can be repeated by whoever lost the answer: it is the same launch. */

const FAILING = 'echo started >> "$AUTOLAB_RUN_DIR/marker"\nexit 3\n';

describe('autolab launch --approved', () => {
  it('is the same launch however often it is called; the dry run says the digest', async () => {
    const root = makeProject();
    const digest = approveDocuments(root);
    const { json: dry } = await autolabJson(root, ['launch', '--dry-run']);
    expect(dry).toMatchObject({ plan: { approved_digest: digest } });

    const first = await autolabJson(root, ['launch', '--approved', digest]);
    const again = await autolabJson(root, ['launch', '--approved', digest]);

    expect(first).toMatchObject({ status: 0, json: { code: 'run.completed' } });
    expect(again).toMatchObject({ status: 0, json: { code: 'run.completed', run_id: first.json['run_id'] } });
    expect(again.json['message']).toContain('launched already');
    expect(again.json['hint']).toMatch(/To run it once more: autolab rerun --by WHO\.?$/);
    expect(runIds(root)).toEqual([first.json['run_id']]);
  });

  it('asks for another approval after a failure only where there was one', async () => {
    const hints = [];
    for (const isApproved of [true, false]) {
      const root = makeProject({ entrypoint: FAILING });
      if (isApproved) approveDocuments(root);
      hints.push((await autolabJson(root, ['launch'])).json['hint']);
    }
    expect(hints).toEqual([
      'Read `autolab logs`, fix it, approve (`autolab approve --by WHO`), and launch again.',
      'Read `autolab logs`, fix it, launch again.',
    ]);
  });

  it('returns a failed run, too, and the command that it names launches again, once', async () => {
    const root = makeProject({ entrypoint: FAILING });
    const digest = approveDocuments(root);

    const calls = await Promise.all([1, 2, 3].map(() => autolabJson(root, ['launch', '--approved', digest])));
    expect(runIds(root)).toHaveLength(1);
    const [first = ''] = runIds(root);
    const named = calls.map(({ json }) => json['run_id'] as string | null).filter((id) => id !== null);
    expect(new Set(named)).toEqual(new Set([first]));

    const { status, json } = await autolabJson(root, ['launch', '--approved', digest]);
    expect({ status, json }).toMatchObject({ status: 10, json: { code: 'local.failed', run_id: first } });
    const command = /To run it once more: autolab (.+?)\.?$/.exec(json['hint'] as string)?.[1]?.split(' ') ?? [];
    const bogus = await autolabJson(root, ['launch', '--approved', digest, '--after', 'bogus']);
    expect(bogus.json).toMatchObject({ code: 'run.not_found', message: expect.stringContaining('"bogus"') as string });
    const second = await autolabJson(root, command);
    const repeated = await autolabJson(root, command);

    expect(second.json['run_id']).not.toBe(first);
    expect(repeated.json['run_id']).toBe(second.json['run_id']);
    expect(runIds(root)).toHaveLength(2);
    expect(stateOf(root)['stage_attempt']).toBe(2);
  });

  it('refuses another approval than the one that is there, and writes nothing', async () => {
    const root = makeProject();
    const digest = approveDocuments(root);
    const other = '0'.repeat(64);
    const before = read(root, '.autolab/state.json');

    const { status, json } = await autolabJson(root, ['launch', '--approved', other]);
    expect({ status, json }).toMatchObject({ status: 10, json: { code: 'review.stale', run_id: null } });
    for (const wrong of [digest.slice(1), `${digest}0`, digest.toUpperCase(), '', '../..']) {
      const ended = await autolab(root, ['launch', `--approved=${wrong}`]);
      expect([ended.status, ended.stderr]).toEqual([2, expect.stringContaining('64 hex digits')]);
      await expect(openProject(root).launch({ approved: wrong })).rejects.toThrow('approved takes a digest');
    }
    expect(read(root, '.autolab/state.json')).toBe(before);

    edit(root, 'experiments/iter1/review_result.json', () => '{"status": "pass"}\n');
    const none = await autolabJson(root, ['launch', '--approved', digest]);
    expect(none.json).toMatchObject({
      code: 'review.stale',
      hint: 'The reviewer approves again: autolab approve --by WHO',
    });
    expect(runIds(root)).toEqual([]);
    expect(await autolab(root, ['launch', '--after', 'x'])).toMatchObject({ status: 2 });
  });

  it('continues the run that it began, and leaves one of another approval alone', async () => {
    const root = makeProject({ entrypoint: WAITING });
    const digest = approveDocuments(root);
    const started = await autolabJson(root, ['launch', '--detach', '--approved', digest]);
    const run = await begun(root);

    const other = await autolabJson(root, ['launch', '--detach', '--approved', '0'.repeat(64)]);
    letEnd(root, run);
    const same = await autolabJson(root, ['launch', '--approved', digest]);

    expect(started.json).toMatchObject({ code: 'run.submitted', run_id: run });
    expect(other).toMatchObject({ status: 13, json: { code: 'run.other_active' } });
    expect(same.json).toMatchObject({ code: 'run.completed', run_id: run });
    expect(startsOf(root, run)).toBe(1);
  });
});
