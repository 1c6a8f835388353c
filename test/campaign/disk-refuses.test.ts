import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { autolabJson, type JsonEnded, parseJson, PROGRAM, type Running, startProgram } from '../support/autolab.ts';
import { family, selected } from '../support/campaign.ts';
import { closedPlaces, killedAt, placesOf } from '../support/crashes.ts';
import { makeProject, runIds, until } from '../support/project.ts';
import { begun, eachOf, expectClosed, letEnd, processesOf, SLOW_MS, WAITING } from '../support/runs.ts';
import { carriedOn, describeOnSmallDisks, launchedDuring, onSmallDisk, PATIENT } from '../support/small-disk.ts';

/** A disk that cannot be written any more, or a folder that one may not write any more, at any moment. */

vi.setConfig({ testTimeout: 4 * SLOW_MS });

const COMPLETED = { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 };
const DONE = [0, 'run.completed'];
const OVER = [12, 'state.wrong_stage'];

const { count } = family('read-only, or not allowed');

describeOnSmallDisks('a disk that becomes read-only', () => {
  test('between a driver that died and the next one: told, nothing is lost', async () => {
    const places = await placesOf(makeProject(), ['launch']);
    const closed = closedPlaces(places);
    await eachOf(selected(places, 6), async (place) => {
      await onSmallDisk({}, async ({ root, setReadOnly }) => {
        await killedAt(root, place, ['launch']);
        const runId = runIds(root)[0] ?? 'none';
        await until('nobody writes', () => processesOf(runId).length === 0 && setReadOnly(true));
        for (const words of [['launch'], ['resume'], ['status']]) {
          const refused = await autolabJson(root, words);
          const code = refused.json['code'];
          const allowed = ['project.read_only', 'state.wrong_stage', 'run.none_active', 'ok', 'run.still_going'];
          expect(allowed, `${place}, ${words[0] ?? ''}: ${refused.stdout}`).toContain(code);
        }
        expect(setReadOnly(false)).toBe(true);
        const again = await autolabJson(root, ['launch']);
        expect([again.status, again.json['code']], place).toEqual(closed.includes(place) ? OVER : DONE);
        expectClosed(root, COMPLETED, place);
        count('reported, completed by the next call');
      });
    });
  });
});

/** Somebody whom permissions concern: they do not concern root. */
const NOBODY = 65_534;
/** Where the program lies in a folder of root's own, nobody else can start it. */
const canBeNobody =
  spawnSync('setpriv', [`--reuid=${NOBODY}`, '--clear-groups', process.execPath, PROGRAM, '--version']).status === 0;

function everythingBelow(folder: string): readonly string[] {
  return [folder, ...readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name))];
}

function asNobody(root: string, words: readonly string[], env: Readonly<Record<string, string>>): Running {
  const argv = ['setpriv', `--reuid=${NOBODY}`, '--clear-groups', process.execPath, PROGRAM, ...words];
  return startProgram(argv, root, { env });
}

describe.skipIf(!canBeNobody)('permissions that are lost midway', () => {
  test.each(['.autolab', 'experiments/iter1/runs', 'experiments/iter1/launch'])('of %s', async (folder) => {
    const places = await placesOf(makeProject({ entrypoint: PATIENT }), ['launch'], { SIGN: '/dev/null' });
    await eachOf(selected(places, 4), async (place) => {
      const root = makeProject({ entrypoint: PATIENT });
      for (const path of everythingBelow(root)) chownSync(path, NOBODY, NOBODY);
      const what = `${folder} after ${place}`;
      const top = join(root, folder);
      const folders = (): readonly string[] =>
        existsSync(top) ? everythingBelow(top).filter((path) => lstatSync(path).isDirectory()) : [];
      const setMode = (mode: number): void => {
        for (const path of folders()) chmodSync(path, mode);
      };
      const first = await launchedDuring(root, place, (env) => asNobody(root, ['launch', '--json'], env), {
        begin: () => {
          setMode(0o555);
        },
        end: () => {
          setMode(0o755);
        },
      });
      const again = async (): Promise<JsonEnded> => {
        const ended = await asNobody(root, ['launch', '--json'], { SIGN: '/dev/null' }).ended;
        return { ...ended, json: parseJson(ended) };
      };
      count(await carriedOn(root, first, again, what));
    });
  });

  test('whoever waits for a receipt that cannot be written is told, and need not call again', async () => {
    const root = makeProject({ entrypoint: WAITING });
    for (const path of everythingBelow(root)) chownSync(path, NOBODY, NOBODY);
    const driver = asNobody(root, ['launch'], {});
    const runId = await begun(root);
    const receipts = join(root, `experiments/iter1/runs/${runId}/receipt`);
    await until('the start is written', () => existsSync(join(receipts, 'started.json')));
    chmodSync(receipts, 0o555);
    letEnd(root, runId);
    await until('the driver tells', () => /exit\.json cannot be written.*permissions/.test(driver.stderrSoFar()));
    chmodSync(receipts, 0o755);
    expect((await driver.ended).status).toBe(0);
    expectClosed(root, COMPLETED, 'a receipt that waited');
    count('reported, continued');
  });
});
