import { expect, it } from 'vitest';
import { parseReview } from './review.ts';
import { signedText } from './signed-review.ts';

const TEXT = '{"status": "pass", "reviewed_by": "ada", "approved": {"design": null}, "theirs": 1}';
const textOf = (iteration: string, text: string): string => {
  const review = parseReview(text, 'review_result.json').value;
  return review === null ? '' : signedText(iteration, review);
};

it('the signed text names the iteration, and nothing that others write', () => {
  expect(textOf('iter1', TEXT)).toContain('"iteration_id": "iter1"');
  expect(textOf('iter1', TEXT)).not.toBe(textOf('iter2', TEXT));
  expect(textOf('iter1', TEXT)).toBe(textOf('iter1', TEXT.replace(', "theirs": 1', '').replaceAll(' ', '')));
});

it.each([
  '"reviewed_by": "bob"',
  '"status": "failed"',
  '"blocking_findings": ["x"]',
  '"author": "x"',
  '"reviewed_at": "x"',
])('it changes with %s', (changed) => {
  const [key = ''] = changed.split(':');
  const text = TEXT.replace(new RegExp(`${key}: "\\w+"`), changed);
  const other = text === TEXT ? TEXT.replace('"theirs": 1', changed) : text;
  expect(textOf('iter1', other)).not.toBe(textOf('iter1', TEXT));
});
