import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { autolab, parseJson, PROGRAM, startProgram } from '../support/autolab.ts';
import { makeProject, temporaryFolder } from '../support/project.ts';

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

it('a folder that is gone, or that cannot be made, is no bug', async () => {
  const folder = temporaryFolder();

  mkdirSync(join(folder, 'gone'));
  const gone = 'cd "$1" && rmdir -- "$1" && exec "$2" "$3" status --json';
  const nowhere = await startProgram(['sh', '-c', gone, 'sh', join(folder, 'gone'), process.execPath, PROGRAM], folder)
    .ended;
  const below = await autolab(folder, ['init', '/proc/none/x', '--json']);

  expect([nowhere.status, parseJson(nowhere)['code']], nowhere.stderr).toEqual([12, 'project.not_found']);
  expect([below.status, parseJson(below)['code']], below.stderr).toEqual([12, 'project.read_only']);
});
