import { spawnSync } from 'node:child_process';
import { readdirSync, readlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { autolabJson, type JsonEnded, parseJson, PROGRAM, startProgram } from '../support/autolab.ts';
import { makeProject, read, runIds, until } from '../support/project.ts';
import { begun, expectClosed, hasClaim, kill, manifestOf, SLOW_MS, WAITING } from '../support/runs.ts';

/** A container is a host name and pids of its own on the same kernel: with it go all processes in it. */

vi.setConfig({ testTimeout: SLOW_MS });

const UNSHARE = ['unshare', '--pid', '--fork', '--mount-proc', '--uts', '--kill-child', 'bash', '-c'];
const canUnshare = spawnSync(UNSHARE[0] ?? '', [...UNSHARE.slice(1), 'hostname box']).status === 0;
const seesAll = readlinkSync('/proc/self/ns/pid') === 'pid:[4026531836]' && process.getuid?.() === 0;
const GIVE_UP = "cancel --force --by ada --note 'the container is gone'";

function inContainer(name: string, script: string): readonly string[] {
  return [...UNSHARE, `hostname ${name}\n${script}`];
}

async function calledIn(name: string, root: string, words: string): Promise<JsonEnded> {
  const call = `'${process.execPath}' '${PROGRAM}' ${words} --json`;
  const ended = await startProgram(inContainer(name, call), root).ended;
  return { ...ended, json: parseJson(ended) };
}

/** The run of a container that ends with its launch. */
async function leftBehind(): Promise<string> {
  const root = makeProject({ entrypoint: WAITING });
  const launch = `'${process.execPath}' '${PROGRAM}' launch --detach\nuntil [ -e experiments/iter1/runs/*/pid ]; do sleep 0.05; done`;
  expect((await startProgram(inContainer('box1', launch), root).ended).status).toBe(0);
  return root;
}

describe.skipIf(!canUnshare)('a run of a container that is gone', () => {
  test('from another container: it is said that it was one, and the run can be abandoned', async () => {
    const root = await leftBehind();
    const resumed = await calledIn('box2', root, 'resume');
    expect([resumed.status, resumed.json['code']], resumed.stderr).toEqual([14, 'run.undetermined']);
    expect(resumed.json['message']).toMatch(/a supervisor in another container of this machine \(box1, pid:\[\d+\]\)/);
    expect(resumed.json['hint']).toContain('autolab cancel --force --by WHO --note WHY');

    const given = await calledIn('box2', root, GIVE_UP);

    expect([given.status, given.json['code'], hasClaim(root)], given.stderr).toEqual([10, 'run.abandoned', false]);
    expect(given.json['message']).toMatch(/in another container of this machine \(box1, /);
    expect(manifestOf(root, runIds(root)[0] ?? '')['status']).toBe('failed');
  });

  test.skipIf(!seesAll)('from the machine itself, which sees all containers: it is lost', async () => {
    const root = await leftBehind();
    const resumed = await autolabJson(root, ['resume']);
    expect([resumed.status, resumed.json['code']], resumed.stderr).toEqual([10, 'local.lost']);
    expectClosed(root, { code: 'local.lost', stage: 'launch', attempt: 0, starts: 1 }, 'a container that is gone');
  });

  test('its driver went with it: unlocked, then abandoned, as the hints say', async () => {
    const root = makeProject({ entrypoint: WAITING });
    const container = startProgram(inContainer('box1', `'${process.execPath}' '${PROGRAM}' launch`), root);
    const runId = await begun(root);
    const journal = `experiments/iter1/runs/${runId}/journal.jsonl`;
    await until('the driver waits', () => read(root, journal).includes('run.started'));
    kill(container.child.pid ?? 0);
    await container.ended;
    for (const name of readdirSync(join(root, '.autolab')).filter((file) => file.startsWith('driver.lock.')))
      utimesSync(join(root, '.autolab', name), 0, 0);

    const held = await calledIn('box2', root, 'cancel');
    expect([held.status, held.json['code']]).toEqual([13, 'lease.other_host']);
    expect(held.json['message']).toMatch(/in another container of this machine \(box1, /);
    expect(held.json['hint']).toContain(`its container is gone: autolab unlock --run ${runId}`);
    expect((await calledIn('box2', root, `unlock --run ${runId}`)).status).toBe(0);
    expect((await calledIn('box2', root, GIVE_UP)).json['code']).toBe('run.abandoned');
  });
});
