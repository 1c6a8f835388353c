import { cpSync, lstatSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { autolab } from '../support/autolab.ts';
import { call, callWithoutTrace } from '../support/contract.ts';
import { commitAll, edit, keepUntilEnd, temporaryFolder, treeDigest } from '../support/project.ts';
import { manifestOf } from '../support/runs.ts';
import { backToLaunch, DESIGN, makeFailedOnlyProject, runFolder } from '../support/tasks/failed-only-project.ts';
import { startsOfTasks } from '../support/tasks/task-project.ts';

/** `launch --failed-only`: what completed is taken over from the last run, and only the rest runs. */

async function tasksOf(root: string, run: string): Promise<readonly Record<string, any>[]> {
  const { json, stdout } = await callWithoutTrace(root, ['tasks', run]);
  expect(json['code'], stdout).toBe('ok');
  return json['tasks'] as Record<string, any>[];
}

const sourcesOf = async (root: string, run: string): Promise<readonly unknown[]> =>
  (await tasksOf(root, run)).map(({ reused_from: source }) => source as unknown);

const unblock = (root: string, x: string): void => {
  rmSync(join(root, `data/bad-${x}`));
};

describe('after a run of which two of four tasks failed', () => {
  /** With the run r1; each test has a copy. */
  let base = '';

  beforeAll(async () => {
    base = keepUntilEnd(makeFailedOnlyProject('cd'));
    const { status, json } = await call(base, ['launch', '--run-id', 'r1']);
    expect([status, json['code']]).toEqual([10, 'tasks.failed']);
    expect(json['hint']).toContain('autolab launch --failed-only');
  });

  it('is one of the ways on, and not the first', async () => {
    const next = await call(base, ['next']);
    expect(next.json['next_command']).toBe('autolab launch');
    expect(next.json['alternatives'].map(({ command }: { command: string }) => command)).toContain(
      'autolab launch --failed-only',
    );
    const status = await call(base, ['status']);
    expect([status.json['next_command'], status.json['hint']]).toEqual([
      'autolab launch',
      'Start one: autolab launch. Only the tasks that the last run did not complete: autolab launch --failed-only',
    ]);
  });

  function copied(): string {
    const root = join(temporaryFolder(), 'project');
    cpSync(base, root, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    return root;
  }

  it('says of a task that is taken over that there is nothing to cancel', async () => {
    const root = copied();
    const env = { AUTOLAB_CRASH_AT: 'execute.ordered' };
    expect((await autolab(root, ['launch', '--failed-only', '--run-id', 'r2'], { env })).signal).toBe('SIGKILL');
    const asked = await call(root, ['cancel', '--task', '0', '--task', '1', '--task', '2']);
    const one = await call(root, ['cancel', '--task', '1']);

    expect(asked.json['tasks']).toEqual([
      { index: 0, answer: 'ended', reused_from: 'r1' },
      { index: 1, answer: 'ended', reused_from: 'r1' },
      { index: 2, answer: 'asked' },
    ]);
    expect(asked.json['message']).toBe(
      'Asked run r2 to cancel task 2; the run continues. Taken over from run r1: tasks 0, 1; they are not run again, so there is nothing to cancel.',
    );
    expect(one.json['message']).toBe(
      'Taken over from run r1: task 1; it is not run again, so there is nothing to cancel.',
    );
  });

  it('runs what failed, again and again, and each task has the run in which it ran', async () => {
    const root = copied();
    unblock(root, 'c');
    const before = treeDigest(root);
    const dry = await call(root, ['launch', '--failed-only', '--dry-run']);
    const shown = await autolab(root, ['launch', '--failed-only', '--dry-run']);
    expect(treeDigest(root)).toEqual(before);
    const second = await call(root, ['launch', '--failed-only', '--run-id', 'r2']);
    unblock(root, 'd');
    const third = await call(root, ['launch', '--failed-only', '--run-id', 'r3']);

    expect([dry.status, dry.json['plan'].reuse]).toEqual([0, { run_id: 'r1', taken: 2, run: 2, differences: [] }]);
    expect(shown.stdout).toContain('reused: 2 run, 2 are taken over from r1');
    expect([second.status, second.json['code']]).toEqual([10, 'tasks.failed']);
    expect(second.json['message']).toContain('3 of 4 tasks completed');
    expect([third.status, third.json['outcome']], third.stdout).toEqual([0, 'completed']);
    expect([startsOfTasks(root, 'r1'), startsOfTasks(root, 'r2'), startsOfTasks(root, 'r3')]).toEqual([
      { 0: 1, 1: 1, 2: 1, 3: 1 },
      { 2: 1, 3: 1 },
      { 3: 1 },
    ]);
    expect(await sourcesOf(root, 'r3')).toEqual(['r1', 'r1', 'r2', null]);
    const [first] = await tasksOf(root, 'r1');
    const [taken] = await tasksOf(root, 'r3');
    expect(taken).toEqual({ ...first, reused_from: 'r1' });
    expect(manifestOf(root, 'r3')['tasks']).toMatchObject({
      reuse: { run_id: 'r2', count: 3, differences: [], environment_differs: null },
      result: { by_state: { completed: 4 }, reused: 3 },
    });
    // The same files under another name, links as links.
    const places = ['r1', 'r3'].map((run) => runFolder(root, run));
    const inodes = places.map((folder) => lstatSync(join(folder, 'tasks/0/deep/one')).ino);
    expect(inodes[1]).toBe(inodes[0]);
    expect(readlinkSync(join(runFolder(root, 'r3'), 'tasks/1/link'))).toBe('metrics.json');
    expect(readFileSync(join(runFolder(root, 'r3'), 'tasks/0/stdout.log'), 'utf8')).toBe('ran a\n');
    for (const run of ['r1', 'r2', 'r3'])
      expect([
        run,
        (await autolab(root, ['manifest', run, '--check'])).status,
        (await call(root, ['verify', run])).status,
      ]).toEqual([run, 0, 0]);
  });

  it('finds tasks by their parameters, wherever they are in the list', async () => {
    const root = copied();
    for (const x of 'cd') unblock(root, x);
    edit(root, DESIGN, (text) =>
      text.replace(
        /tasks: .*/,
        () => `tasks: {list: [{x: e, y: "9"}, {x: d, y: "4"}, {x: c, y: "3"}, {x: b, y: "2"}]}`,
      ),
    );
    const { status, json } = await call(root, ['launch', '--failed-only', '--run-id', 'r2']);

    expect([status, json['outcome']], json['message']).toEqual([0, 'completed']);
    expect(startsOfTasks(root, 'r2')).toEqual({ 0: 1, 1: 1, 2: 1 });
    expect((await autolab(root, ['next'])).stdout).not.toContain('--failed-only');
    expect(await sourcesOf(root, 'r2')).toEqual([null, null, null, 'r1']);
    expect(readFileSync(join(runFolder(root, 'r2'), 'tasks/3/deep/one'), 'utf8')).toBe('b\n');
  });

  it('runs a task again whose outputs were changed, and says so', async () => {
    const root = copied();
    for (const x of 'cd') unblock(root, x);
    writeFileSync(join(runFolder(root, 'r1'), 'tasks/1/deep/one'), 'other\n');
    const { json } = await call(root, ['launch', '--failed-only', '--run-id', 'r2']);

    expect(json['outcome']).toBe('completed');
    expect(await sourcesOf(root, 'r2')).toEqual(['r1', null, null, null]);
    expect(manifestOf(root, 'r2')['tasks'].reuse.differences).toEqual(['the outputs of 1 completed task were changed']);
  });

  it.each([
    ['code', 'experiments/iter1/main.sh', (text: string) => `${text}# more\n`, 'the code (experiments/iter1/main.sh)'],
    ['command', DESIGN, (text: string) => text.replace('{{task.y}}', '1{{task.y}}'), 'the command of the entrypoint'],
    ['artifacts', DESIGN, (text: string) => text.replace('- metrics.json', '- deep/one'), 'the artifacts'],
    [
      'activation',
      'docs/environment.md',
      (text: string) => text.replace('# nothing', 'export A=1 #'),
      'the activation',
    ],
  ])('takes nothing over if the %s differs, and begins nothing', async (_what, file, change, words) => {
    const root = copied();
    edit(root, file, change);
    const before = treeDigest(root);
    const { status, json } = await call(root, ['launch', '--failed-only']);

    expect([status, json['code']], json['message']).toEqual([12, 'tasks.nothing_to_reuse']);
    expect(json['message']).toContain('Nothing of run r1 is taken over, because this is different now: ');
    expect(json['message']).toContain(words);
    expect(json['hint']).toContain('autolab launch');
    expect(treeDigest(root)).toEqual(before);
  });

  it('takes over with other resources, once they are approved', async () => {
    const root = copied();
    for (const x of 'cd') unblock(root, x);
    const approve = (): Promise<unknown> => autolab(root, ['approve', '--by', 'ada', '--yes']);
    await approve();
    edit(root, DESIGN, (text) => text.replace('memory: 1G', 'memory: 2G'));
    const stale = await call(root, ['launch', '--failed-only']);
    backToLaunch(root);
    await approve();
    const { json, stdout } = await call(root, ['launch', '--failed-only', '--run-id', 'r2']);

    expect(stale.json['code']).toBe('review.stale');
    expect(json['outcome'], stdout).toBe('completed');
    expect(await sourcesOf(root, 'r2')).toEqual(['r1', 'r1', null, null]);
  });

  it('waits for the end of a run that is open, and continues one of its own', async () => {
    const root = copied();
    for (const x of 'cd') unblock(root, x);
    const killed = await autolab(root, ['launch', '--run-id', 'r2'], { env: { AUTOLAB_CRASH_AT: 'execute.ordered' } });
    const open = await call(root, ['launch', '--failed-only']);
    const ended = await call(root, ['launch']);
    backToLaunch(root);
    const again = await call(root, ['launch', '--failed-only']);

    expect(killed.signal).toBe('SIGKILL');
    expect([open.status, open.json['code']]).toEqual([13, 'run.other_active']);
    expect(open.json['hint']).toContain('autolab resume');
    expect([ended.json['run_id'], ended.json['outcome']]).toEqual(['r2', 'completed']);
    expect([again.status, again.json['code']]).toEqual([12, 'tasks.all_completed']);
  });

  it.each([
    ['claim.made', { 2: 1, 3: 1 }],
    ['claim.inputs_listed', { 2: 1, 3: 1 }],
    ['reuse.linked', { 2: 1, 3: 1 }],
    ['reuse.exit_written#2', { 2: 1, 3: 1 }],
    ['reuse.claimed', { 2: 1, 3: 1 }],
  ])(
    'killed at %s, it is continued by any launch: nothing runs twice, nothing is taken over half',
    async (place, starts) => {
      const root = copied();
      for (const x of 'cd') unblock(root, x);
      const killed = await autolab(root, ['launch', '--failed-only', '--run-id', 'r2'], {
        env: { AUTOLAB_CRASH_AT: place },
      });
      const { json, stdout } = await call(root, ['launch']);

      expect(killed.signal, killed.stderr).toBe('SIGKILL');
      expect([json['run_id'], json['outcome']], stdout).toEqual(['r2', 'completed']);
      expect(startsOfTasks(root, 'r2')).toEqual(starts);
      expect(await sourcesOf(root, 'r2')).toEqual(['r1', 'r1', null, null]);
      expect((await call(root, ['verify', 'r2'])).status).toBe(0);
    },
  );

  it('lets a task run whose outputs change before they are taken over', async () => {
    const root = copied();
    for (const x of 'cd') unblock(root, x);
    await autolab(root, ['launch', '--failed-only', '--run-id', 'r2'], {
      env: { AUTOLAB_CRASH_AT: 'reuse.exit_written' },
    });
    const changed = join(runFolder(root, 'r1'), 'tasks/0/metrics.json');
    rmSync(changed);
    writeFileSync(changed, '{}');
    const { json } = await call(root, ['resume']);

    expect(json['outcome']).toBe('completed');
    expect(startsOfTasks(root, 'r2')).toEqual({ 0: 1, 2: 1, 3: 1 });
    expect(await sourcesOf(root, 'r2')).toEqual([null, 'r1', null, null]);
  });
});

it('is refused without an earlier run, and without tasks', async () => {
  const root = makeFailedOnlyProject('');
  const none = await call(root, ['launch', '--failed-only']);
  edit(root, DESIGN, (text) =>
    text
      .replace(/tasks: .*\n/, '')
      .replace('{{task.x}}', 'x')
      .replace('{{task.y}}', '1'),
  );
  commitAll(root);
  const one = await call(root, ['launch', '--failed-only']);

  expect([none.status, none.json['code']]).toEqual([12, 'tasks.no_earlier_run']);
  expect([one.status, one.json['code']]).toEqual([12, 'tasks.none']);
});
