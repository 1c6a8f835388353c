import { appendFileSync, copyFileSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { autolabJson, inRun, parseJson, startAutolab } from '../support/autolab.ts';
import { makeProject, startsOf, until } from '../support/project.ts';
import { begun, eventsOf, expectClosed, letEnd, processesOf, SLOW_MS, WAITING } from '../support/runs.ts';

vi.setConfig({ testTimeout: SLOW_MS });

/** What other hands do to a journal that a driver has open. */
const DAMAGES: readonly (readonly [string, (path: string) => void])[] = [
  [
    'a byte is changed',
    (path) => {
      const bytes = readFileSync(path);
      bytes[10] = (bytes[10] ?? 0) ^ 1;
      writeFileSync(path, bytes);
    },
  ],
  [
    'its last line is cut off',
    (path) => {
      const text = readFileSync(path, 'utf8');
      writeFileSync(path, text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1));
    },
  ],
  [
    'something is added',
    (path) => {
      appendFileSync(path, 'junk\n');
    },
  ],
  [
    'an empty file takes its place',
    (path) => {
      writeFileSync(`${path}.new`, '');
      renameSync(`${path}.new`, path);
    },
  ],
];

test.each(DAMAGES)('%s while a driver waits: it stops, and adds no line', async (what, damage) => {
  const root = makeProject({ entrypoint: WAITING });
  const driver = startAutolab(root, ['launch', '--json']);
  const runId = await begun(root);
  await until('the start is written down', () => eventsOf(root, runId).includes('run.started'));
  const journal = inRun(root, 'iter1', runId, 'journal.jsonl');
  damage(journal);
  const damaged = readFileSync(journal, 'utf8');

  letEnd(root, runId);
  const ended = await driver.ended;

  expect([ended.status, parseJson(ended)['code'], parseJson(ended)['run_id']]).toEqual([12, 'journal.corrupt', runId]);
  expect(parseJson(ended)['message']).toContain(`runs/${runId}/journal.jsonl:`);
  expect(readFileSync(journal, 'utf8')).toBe(damaged);
  await until('the run has ended', () => processesOf(runId).length === 0);
  const again = await autolabJson(root, ['launch']);
  // A whole line less is a chain all the same, and as good as that of a driver that died before it.
  expect(again.json['code']).toBe(what.includes('cut off') ? 'run.completed' : 'journal.corrupt');
  expect(startsOf(root, runId)).toBe(1);
});

test('a journal that was only looked at, or has other times, is as good as before', async () => {
  const root = makeProject({ entrypoint: WAITING });
  const driver = startAutolab(root, ['launch', '--json']);
  const runId = await begun(root);
  await until('the start is written down', () => eventsOf(root, runId).includes('run.started'));
  const journal = inRun(root, 'iter1', runId, 'journal.jsonl');
  copyFileSync(journal, `${root}/copy`);
  utimesSync(journal, 1, 1);

  letEnd(root, runId);

  expect(parseJson(await driver.ended)['code']).toBe('run.completed');
  expectClosed(root, { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 }, 'touched');
});
