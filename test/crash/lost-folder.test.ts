import { expect, test } from 'vitest';
import { autolabJson } from '../support/autolab.ts';
import { makeProject, read, runIds, until } from '../support/project.ts';
import { LOSSES } from '../support/taken-away.ts';

test('a run whose folder disappeared is neither started again nor called cancelled', async () => {
  const root = makeProject({ entrypoint: 'echo started >> "$AUTOLAB_REPO_ROOT/starts"\nsleep 60\n' });
  expect((await autolabJson(root, ['launch', '--detach'])).json).toMatchObject({ outcome: 'submitted' });
  await until('the entrypoint runs', () => {
    try {
      return read(root, 'starts') !== '';
    } catch {
      return false;
    }
  });
  LOSSES['run folder removed']({ root, runId: runIds(root)[0] ?? '', scratch: '' });
  for (const words of [['launch'], ['resume'], ['cancel']]) {
    const ended = await autolabJson(root, words);
    expect([words, ended.status, ended.json['code']]).toEqual([words, 12, 'journal.corrupt']);
  }
  expect(read(root, 'starts')).toBe('started\n');
});
