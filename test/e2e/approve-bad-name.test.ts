import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { reviewable } from '../support/approval.ts';
import { autolabJson } from '../support/autolab.ts';

const approve = (root: string) => autolabJson(root, ['approve', '--yes', '--by', 'ada']);

it('code whose name is not UTF-8 is not approved, and ends an approval that was given before it came', async () => {
  const root = reviewable();
  expect((await approve(root)).status).toBe(0);
  writeFileSync(Buffer.concat([Buffer.from(`${root}/a`), Buffer.from([0xff])]), 'x\n');
  const launched = await autolabJson(root, ['launch']);
  expect([launched.json['code'], launched.json['stage_after']]).toEqual(['review.stale', 'implementation_review']);
  expect(launched.json['message']).toContain(String.raw`a\ufffd changed since`);
  const ended = await approve(root);
  expect(ended.json['code'], ended.stdout).toBe('approval.check_failed');
  expect(ended.json['required_checks']).toMatchObject({ schema: 'fail' });
  expect(ended.json['problems']).toContainEqual(
    expect.objectContaining({ code: 'file.bad_name', file: String.raw`a\ufffd` }),
  );
});
