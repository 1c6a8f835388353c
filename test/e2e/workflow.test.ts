import { existsSync, readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { autolab, inRun, parseJson, PROGRAM, startAutolab, startProgram } from '../support/autolab.ts';
import { edit, json, makeProject, type ProjectOptions, read, runIds, write } from '../support/project.ts';
import { begun, eachOf, letEnd, SLOW_MS, stateOf, WAITING } from '../support/runs.ts';

vi.setConfig({ testTimeout: 3 * SLOW_MS });

/**
 * The workflow program of docs/how-to/workflow.md, which reads exit statuses and files only, through every outcome: it
 * continues with extract_results once the run has completed and was verified, and never otherwise.
 */

const WORKFLOW = 'test/support/workflow.py';
const GO = 'do extract_results';
/** The id of a run that was there before. */
const OLDER = '20251124T031500Z_0a1b2c';
const LATER = 'call again later';
const FIX = 'fix, and call again';

/** What a run before this one left: a file that says `complete`, a manifest that says `completed`. */
function withOldRun(options: ProjectOptions = {}): string {
  const root = makeProject({ ...options, state: { last_run_id: OLDER, sync_status: 'ok', ...options.state } });
  write(
    root,
    '.autolab/agent_result.json',
    json({
      status: 'complete',
      summary: 'The run completed.',
      changed_files: [],
      completion_token_seen: true,
      run_id: OLDER,
      run_open: false,
      next_command: null,
    }),
  );
  write(
    root,
    'experiments/iter1/runs/20251124T031500Z_0a1b2c/run_manifest.json',
    json({ run_id: OLDER, status: 'completed', artifact_sync_to_local: { status: 'ok' } }),
  );
  return root;
}

const ownRuns = (root: string): readonly string[] => runIds(root).filter((id) => id !== OLDER);

/** Whether the last run closed as completed, from its journal, which the program does not read. */
function hasCompleted(root: string): boolean {
  const runId = ownRuns(root).at(-1) ?? 'none';
  const path = inRun(root, 'iter1', runId, 'journal.jsonl');
  return existsSync(path) && readFileSync(path, 'utf8').includes('"code":"run.completed"');
}

/** Lets the program call autolab once. It continues exactly if the run has completed. */
async function calls(root: string, ...words: readonly string[]): Promise<{ status: number; next: string }> {
  const argv = ['python3', `${process.cwd()}/${WORKFLOW}`, root, process.execPath, PROGRAM, ...words, '--json'];
  const ended = await startProgram(argv, root).ended;
  const decided = parseJson(ended) as { status: number; next: string };
  expect(decided.next === GO, `${words.join(' ')}: ${ended.stdout}${ended.stderr}`).toBe(hasCompleted(root));
  return decided;
}

const calledLaunch = (root: string, ...words: readonly string[]): ReturnType<typeof calls> =>
  calls(root, 'launch', ...words);

function setReview(root: string, status: string): void {
  edit(root, 'experiments/iter1/review_result.json', (text) => text.replace('"pass"', `"${status}"`));
}

const closeExperiment = (root: string): void => {
  edit(root, '.autolab/backlog.yaml', (text) => text.replace('    status: open', '    status: done'));
};

interface Case {
  readonly what: string;
  readonly options?: ProjectOptions;
  readonly prepare?: (root: string) => void;
  readonly words?: readonly string[];
  readonly expected: { readonly status: number; readonly next: string };
}

const ONE_CALL: readonly Case[] = [
  { what: 'completed', expected: { status: 0, next: GO } },
  { what: 'a failed entrypoint', options: { entrypoint: 'exit 3\n' }, expected: { status: 10, next: FIX } },
  {
    what: 'a time limit',
    options: { entrypoint: 'sleep 60\n', compute: { time: '"00:00:02"' } },
    expected: { status: 10, next: FIX },
  },
  { what: 'a missing artifact', options: { artifacts: ['none.json'] }, expected: { status: 10, next: FIX } },
  {
    what: 'attempts that are used up',
    options: { entrypoint: 'exit 3\n', state: { max_stage_attempts: 1 } },
    expected: { status: 11, next: 'ask the operator' },
  },
  {
    what: 'an invalid design',
    options: { compute: { time: 'soon' } },
    expected: { status: 10, next: 'do design' },
  },
  {
    what: 'a review that did not pass',
    prepare: (root) => {
      setReview(root, 'needs_retry');
    },
    expected: { status: 10, next: 'do implementation' },
  },
  { what: 'a closed experiment', prepare: closeExperiment, expected: { status: 12, next: 'stop' } },
  {
    what: 'another stage',
    options: { state: { stage: 'slurm_monitor' } },
    expected: { status: 12, next: 'stop' },
  },
  {
    what: 'the stage after it, with what an older run left',
    options: { state: { stage: 'extract_results', last_run_id: OLDER } },
    expected: { status: 12, next: 'stop' },
  },
  {
    what: 'a state that cannot be read',
    prepare: (root) => {
      write(root, '.autolab/state.json', '{');
    },
    expected: { status: 12, next: 'stop' },
  },
  { what: 'wrong arguments', words: ['--until-noon'], expected: { status: 2, next: 'stop' } },
  { what: 'a dry run', words: ['--dry-run'], expected: { status: 0, next: 'stay' } },
];

it('goes no further than it should after one call, whatever became of it', async () => {
  await eachOf(ONE_CALL, async ({ what, options = {}, prepare, words = [], expected }) => {
    const root = withOldRun(options);
    prepare?.(root);
    expect(await calledLaunch(root, ...words), what).toEqual(expected);
  });
});

it('calls again until a run that nothing waits for has ended', async () => {
  const root = withOldRun({ entrypoint: WAITING });
  expect(await calledLaunch(root, '--detach')).toEqual({ status: 0, next: LATER });
  const runId = await begun(root);
  expect(await calledLaunch(root, '--detach')).toEqual({ status: 0, next: LATER });
  expect(await calledLaunch(root, '--wait-timeout', '1')).toEqual({ status: 14, next: LATER });
  letEnd(root, runId);
  expect(await calledLaunch(root)).toEqual({ status: 0, next: GO });
});

it('calls again while another driver is at work, and after it was killed', async () => {
  const root = withOldRun({ entrypoint: WAITING });
  const driver = startAutolab(root, ['launch']);
  const runId = await begun(root);
  expect(await calledLaunch(root)).toEqual({ status: 13, next: LATER });
  driver.child.kill('SIGKILL');
  await driver.ended;
  expect(await calledLaunch(root, '--detach')).toEqual({ status: 0, next: LATER });
  letEnd(root, runId);
  expect(await calledLaunch(root)).toEqual({ status: 0, next: GO });
});

it('calls again if its own call was killed', async () => {
  const root = withOldRun();
  const words = ['-c', `AUTOLAB_CRASH_AT=close.state_written exec "$0" "$@"`, process.execPath, PROGRAM, 'launch'];
  const argv = ['python3', `${process.cwd()}/${WORKFLOW}`, root, 'sh', ...words];
  const killed = parseJson(await startProgram(argv, root).ended);
  expect(killed).toEqual({ status: -9, next: LATER });
  expect(await calledLaunch(root)).toEqual({ status: 0, next: GO });
});

it('stays if the run was cancelled', async () => {
  const root = withOldRun({ entrypoint: WAITING });
  expect(await calledLaunch(root, '--detach')).toEqual({ status: 0, next: LATER });
  await begun(root);
  expect(await calls(root, 'cancel')).toEqual({ status: 0, next: 'stay' });
  expect(stateOf(root)['stage']).toBe('launch');
});

it('stops if the experiment was closed during the run, and continues once it is open again', async () => {
  const root = withOldRun({ entrypoint: WAITING });
  await calledLaunch(root, '--detach');
  letEnd(root, await begun(root));
  closeExperiment(root);
  expect(await calledLaunch(root)).toEqual({ status: 12, next: 'stop' });
  expect(read(root, '.autolab/agent_result.json')).not.toContain('"complete"');
  await autolab(root, ['backlog', 'reopen', 'e1', '--by', 'ada', '--note', 'one more']);
  expect(await calledLaunch(root)).toEqual({ status: 0, next: GO });
});

it('tries the verification again once what was missing is there', async () => {
  const root = withOldRun({ artifacts: ['late.json'] });
  expect(await calledLaunch(root)).toEqual({ status: 10, next: FIX });
  write(root, `experiments/iter1/runs/${ownRuns(root)[0] ?? ''}/late.json`, '{}\n');
  expect(await calledLaunch(root)).toEqual({ status: 0, next: GO });
});
