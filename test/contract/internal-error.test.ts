import { expect, it } from 'vitest';
import { autolab, parseJson } from '../support/autolab.ts';
import { makeProject } from '../support/project.ts';

/** A bug, made by a log of crash points that cannot be written. */
const BUG = { env: { AUTOLAB_CRASH_LOG: '/nonexistent/folder/log' } };
const FRAME = /^\s+at .+:\d+:\d+\)?$/m;

it('a bug with --verbose: its stack in lines on stderr, in one string with --json, and not at all without', async () => {
  const root = makeProject();

  const verbose = await autolab(root, ['launch', '--verbose'], BUG);
  const forPrograms = await autolab(root, ['launch', '--verbose', '--json'], BUG);
  const short = await autolab(root, ['launch'], BUG);

  expect([verbose.status, verbose.stdout]).toEqual([1, '']);
  expect(verbose.stderr).toMatch(FRAME);
  expect(verbose.stderr).toContain('ENOENT');
  expect(verbose.stderr).not.toContain('\\n');
  expect(parseJson(forPrograms)).toMatchObject({ outcome: 'internal_error', code: 'internal' });
  expect(parseJson(forPrograms)['message']).toMatch(FRAME);
  expect(short.status).toBe(1);
  expect(short.stderr).toContain('autolab has a bug');
  expect(short.stderr).not.toMatch(FRAME);
});
