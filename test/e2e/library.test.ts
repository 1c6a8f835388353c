import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { autolabJson, type Ended, startProgram } from '../support/autolab.ts';
import { RESULT_KEYS } from '../support/contract.ts';
import { makeProject, read, temporaryFolder, write } from '../support/project.ts';
import { begun, expectClosed, letEnd, SLOW_MS, stateOf, WAITING } from '../support/runs.ts';

/** The package, used by a program that lies elsewhere. */

vi.setConfig({ testTimeout: SLOW_MS });

const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));

/** Runs a module beside which the package is installed; what it prints is one JSON value. */
async function run(source: string, words: readonly string[] = []): Promise<Ended> {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(PACKAGE, join(folder, 'node_modules/autolab'));
  writeFileSync(join(folder, 'program.mjs'), source);
  return startProgram([process.execPath, 'program.mjs', ...words], folder).ended;
}

async function valueOf(source: string, words: readonly string[] = []): Promise<any> {
  const ended = await run(source, words);
  expect({ status: ended.status, stderr: ended.stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(ended.stdout);
}

const HEAD = `import * as autolab from 'autolab';
const [root] = process.argv.slice(2);
const project = root === undefined ? null : autolab.openProject(root);
const say = (value) => console.log(JSON.stringify(value));
const failure = (promise) => Promise.resolve(promise).then(() => null, (error) => error.name + ': ' + error.message);
`;

describe('launch({}) from a program', () => {
  it('closes the run as completed, verified, and returns what --json prints', async () => {
    const root = makeProject();

    const result = await valueOf(`${HEAD}say(await project.launch({}));`, [root]);

    expect(result).toMatchObject({
      command: 'launch',
      outcome: 'completed',
      code: 'run.completed',
      status: 'completed',
    });
    expectClosed(root, { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 }, 'a program');
    for (const key of RESULT_KEYS) expect(result).toHaveProperty(key);
    expect(result).not.toHaveProperty('details');
  });

  it.each(['launch({ root }, {})', 'launch({ root })', 'launch({ root }, undefined)'])(
    'needs nothing but the folder: %s',
    async (words) => {
      const root = makeProject();

      const result = await valueOf(`${HEAD}say(await autolab.${words});`, [root]);

      expect(result).toMatchObject({ outcome: 'completed', code: 'run.completed' });
      const others = await valueOf(
        `${HEAD}say([await autolab.resume({ root }), await autolab.cancel({ root }), await autolab.status({ root })].map((one) => one.code));`,
        [root],
      );
      expect(others).toEqual(['run.none_active', 'run.none_active', 'run.none_active']);
    },
  );

  it.each([
    ['launch({ root }, { detach: "yes" })', 'launch: detach takes true or false, not "yes".'],
    ['launch({ root }, { dryrun: true })', 'launch has no option "dryrun"; did you mean dryRun?'],
    ['launch({ root }, 3)', 'launch takes its options as one object, not 3.'],
    ['launch({ root: 3 })', "launch needs the project's folder as `root`."],
    ['launch({ root, emit: 1 })', 'launch: emit takes a function.'],
    [
      'resume({ root }, { waitTimeoutMs: "10" })',
      'resume: waitTimeoutMs takes a number of milliseconds from 0, or null, not "10".',
    ],
    ['cancel({ root }, { by: 3 })', 'cancel: by takes a string that is not empty, not 3.'],
  ])('%s is a failure of usage, and starts nothing', async (words, message) => {
    const root = makeProject();

    const result = await valueOf(`${HEAD}say(await autolab.${words});`, [root]);

    expect(result).toMatchObject({ outcome: 'usage', code: 'usage', message });
    expect(stateOf(root)['history']).toEqual([]);
  });

  it('works by the function of earlier versions, too, without options', async () => {
    const root = makeProject();

    const result = await valueOf(
      `${HEAD}const control = new autolab.DriverControl();
      say(await autolab.launch({ root, emit: () => {}, control, command: 'a program' }, {}));`,
      [root],
    );

    expect(result).toMatchObject({ code: 'run.completed', details: {} });
    expectClosed(root, { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 }, 'a program');
  });
});

it('the example in the docs launches an experiment and reads its manifest', async () => {
  const page = readFileSync(join(PACKAGE, 'docs/how-to/use-as-a-library.md'), 'utf8');
  const [, example = ''] = /^```js\n(.*?)^```$/ms.exec(page) ?? [];
  const root = makeProject();

  const { status, stdout, stderr } = await run(example, [root]);
  const again = await run(example, [root]);

  expect(status).toBe(0);
  expect(stdout).toMatch(/^\S+ completed: \d+ artifact\(s\)\n$/);
  expect(stderr).toMatch(/^(.*\n)*execute: done\n(.*\n)*verify_local_artifacts: done\n$/);
  expect({ status: again.status, stdout: again.stdout }).toEqual({ status: 1, stdout: '' });
  expect(again.stderr).toMatch(/^refused: /);
});

describe('every verb', () => {
  it('returns the object that its command prints with --json', async () => {
    const root = makeProject();
    write(root, '.autolab/todo_focus.md', '');
    await autolabJson(root, ['launch', '--run-id', 'r1']);

    const results = await valueOf(
      `${HEAD}say([
        await project.status(), await project.runs({ all: true }), await project.logs(), await project.manifest(),
        await project.manifest({ run: 'r1', check: true }), await project.verify(), await project.render({ write: false, runId: 'r2' }),
        await project.lintScript({ file: 'experiments/iter1/launch/run_local.sh' }), await project.cancel(), await project.resume(),
        await project.unlock({ run: 'none' }), await project.todo.list(), await project.todo.done({ id: 't9' }),
        await project.backlog.reopen({ id: 'e1', by: 'ada', note: 'x' }), await project.remote.show(),
        await project.review({ decision: 'stop', by: 'ada', note: 'x' }), await project.abandon({ by: 'ada', note: 'x' }),
        await autolab.scriptPrologue({ mode: 'slurm' }), await project.slurmJobList.verify({ manifest: 'experiments/iter1/runs/r1/run_manifest.json', doc: 'jobs.md' }),
      ]);`,
      [root],
    );
    const commands = [
      ['status'],
      ['runs', '--all'],
      ['logs'],
      ['manifest'],
      ['manifest', 'r1', '--check'],
      ['verify'],
      ['render', '--stdout', '--run-id', 'r2'],
      ['lint-script', 'experiments/iter1/launch/run_local.sh'],
      ['cancel'],
      ['resume'],
      ['unlock', '--run', 'none'],
      ['todo', 'list'],
      ['todo', 'done', 't9'],
      ['backlog', 'reopen', 'e1', '--by', 'ada', '--note', 'x'],
      ['remote', 'show'],
      ['review', 'stop', '--by', 'ada', '--note', 'x'],
      ['cancel', '--force', '--by', 'ada', '--note', 'x'],
      ['lint-script', '--prologue', 'slurm'],
    ];

    expect(results).toHaveLength(commands.length + 1);
    for (const [index, words] of commands.entries()) {
      const { json } = await autolabJson(root, words);
      expect(steady(results[index]), words.join(' ')).toEqual(steady(json));
    }
    expect(results.at(-1)).toMatchObject({ command: 'slurm-job-list verify', code: 'ok' });
  });

  /** Without what differs from call to call: how long probes took, and when. */
  function steady(value: any): any {
    return JSON.parse(JSON.stringify(value, (key, item) => (['duration_ms', 'at'].includes(key) ? undefined : item)));
  }

  it('makes a project, and checks the machine, without one', async () => {
    const folder = join(temporaryFolder(), 'new');

    const [made, again, checks] = await valueOf(
      `import { init, checkMachine } from 'autolab';
      const directory = process.argv[2];
      console.log(JSON.stringify([await init({ directory, example: 'local' }), await init({ directory }), await checkMachine()]));`,
      [folder],
    );

    expect(made).toMatchObject({ command: 'init', code: 'ok', root: folder });
    expect(made.created).toContain('.autolab/state.json');
    expect(again).toMatchObject({ outcome: 'refused', code: 'init.exists' });
    expect(checks.checks.map(({ name }: { name: string }) => name)).toContain('bash');
  });
});

describe('options', () => {
  it.each([
    ['launch({ dryrun: true })', 'TypeError: launch has no option "dryrun"; did you mean dryRun?'],
    ['launch({ detach: "yes" })', 'TypeError: launch: detach takes true or false, not "yes"'],
    [
      'launch({ waitTimeoutMs: -1 })',
      'TypeError: launch: waitTimeoutMs takes a number of milliseconds from 0, or null, not -1',
    ],
    [
      'resume({ onInterrupt: "panic" })',
      'TypeError: resume: onInterrupt takes one of "cancel", "detach", null, not "panic"',
    ],
    ['status({ all: true })', 'TypeError: status has no option "all"; it has none'],
    ['logs("r1")', 'TypeError: logs takes its options as one object, not "r1"'],
    ['review({ decision: "pass", by: "ada" })', 'TypeError: review needs the option note: a string that is not empty'],
    ['cancel({ signal: 1 })', 'TypeError: cancel: signal takes an AbortSignal, not 1'],
  ])('%s', async (call, expected) => {
    const root = makeProject();
    expect(await valueOf(`${HEAD}say(await failure(project.${call}));`, [root])).toBe(expected);
  });

  it('a folder that is no project is an error of the catalogue', async () => {
    const folder = temporaryFolder();
    const error = await valueOf(
      `import { openProject, findProject, ProjectError } from 'autolab';
      let error;
      try { openProject(process.argv[2]); } catch (thrown) { error = thrown; }
      console.log(JSON.stringify([error instanceof ProjectError, error.failure, findProject(process.argv[2])]));`,
      [folder],
    );
    expect(error).toMatchObject([true, { code: 'project.not_found', hint: 'Create one: autolab init' }, null]);
  });
});

describe('signals', () => {
  const SAYS_BEGUN = WAITING.replace('until', 'echo begun\nuntil');
  const ABORT = `
    const controller = new AbortController();
    const call = project.launch({ ...OPTIONS, signal: controller.signal });
    for await (const event of call) if (event.type === 'progress' && event.last_line === 'begun') controller.abort('the night shift');
    say(await call);`;

  it('an abort cancels a local run, and records who asked', async () => {
    const root = makeProject({ entrypoint: SAYS_BEGUN });

    const result = await valueOf(HEAD + ABORT.replace('...OPTIONS,', ''), [root]);

    expect(result).toMatchObject({ outcome: 'interrupted', code: 'run.cancelled' });
    expect(read(root, `${String(result.run_dir)}/journal.jsonl`)).toContain('the night shift');
    expectClosed(root, { code: 'run.cancelled', stage: 'launch', attempt: 0, starts: 1 }, 'an abort');
  });

  it('an abort leaves the run running with onInterrupt: detach', async () => {
    const root = makeProject({ entrypoint: SAYS_BEGUN });

    const result = await valueOf(HEAD + ABORT.replace('...OPTIONS', "onInterrupt: 'detach'"), [root]);
    const runId = await begun(root);
    letEnd(root, runId);

    expect(result).toMatchObject({ outcome: 'interrupted', run_id: runId });
    expect((await autolabJson(root, ['resume'])).json).toMatchObject({ code: 'run.completed' });
  });

  it('an abort before the call writes nothing', async () => {
    const root = makeProject();

    const result = await valueOf(`${HEAD}say(await project.launch({ signal: AbortSignal.abort() }));`, [root]);

    expect(result).toMatchObject({ outcome: 'interrupted', run_id: null });
    expect(stateOf(root)['stage']).toBe('launch');
    expect((await autolabJson(root, ['status'])).json).toMatchObject({ code: 'run.none_active' });
  });

  it('a listener that throws does not disturb the run', async () => {
    const root = makeProject();

    const thrown = await valueOf(
      `${HEAD}say(await failure(project.launch({ onEvent: () => { throw new RangeError('mine'); } })));`,
      [root],
    );

    expect(thrown).toBe('RangeError: mine');
    expectClosed(root, { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 }, 'a listener');
  });
});
