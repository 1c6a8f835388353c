import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { claimAndDrive } from '../../src/commands/launch.ts';
import type { CommandResult } from '../../src/commands/result.ts';
import { resumeRun } from '../../src/commands/resume.ts';
import type { RecordedRun } from '../../src/executors/executor.ts';
import { executorFor } from '../../src/executors/table.ts';
import { prepareLaunch } from '../../src/plan/prepare.ts';
import type { OpenedData } from '../../src/records/run-data.ts';
import { findActive } from '../../src/run/claim.ts';
import { DriverControl } from '../../src/run/control.ts';
import type { LaunchEnvironment } from '../../src/run/session.ts';
import { peekRun } from '../../src/run/session.ts';
import { siteOf } from '../../src/sites/site.ts';
import { runIds, startsOf } from './project.ts';
import { begun, letEnd, manifestOf, SLOW_MS, WAITING } from './runs.ts';

/** What every executor promises to the engine and to the commands. The driver runs in this process: no program is built. */

interface World {
  /** A project whose design asks for the executor, with this entrypoint. */
  readonly project: (entrypoint: string) => Promise<string>;
  /** Of a plan; the design's own location, if it is left out. */
  readonly adapt?: (opened: OpenedData) => OpenedData;
}

type Control = LaunchEnvironment & { readonly control: DriverControl };

function environment(root: string): Control {
  return { root, emit: () => undefined, control: new DriverControl(), command: 'the contract' };
}

async function begin(world: World, env: Control, detach = false): Promise<CommandResult> {
  const wanted = { runId: null, profile: null, allowOpenTodo: false, approved: null, after: null };
  const plan = await prepareLaunch(env.root, wanted, env.emit);
  if (plan.kind !== 'plan') throw new Error(plan.failure.message);
  const adapted = { ...plan, opened: world.adapt?.(plan.opened) ?? plan.opened };
  const result = await claimAndDrive(env, { ...wanted, dryRun: false, detach, waitTimeoutMs: null }, adapted, null);
  if (result === 'again') throw new Error('the project changed');
  return result;
}

/** The active run, from its records alone. */
function recorded(root: string): RecordedRun {
  const active = findActive(root);
  if (active.kind !== 'one') throw new Error(`no run is active: ${active.kind}`);
  const peek = peekRun(root, active.run);
  if (peek.kind !== 'run') throw new Error(peek.kind);
  return { root, view: peek.view, paths: peek.paths };
}

async function carryOn(root: string): Promise<CommandResult> {
  const active = findActive(root);
  if (active.kind !== 'one') throw new Error(`no run is active: ${active.kind}`);
  return resumeRun(environment(root), active.run, { command: 'resume', detach: false, waitTimeoutMs: null });
}

const QUICK = `echo started >> "$AUTOLAB_RUN_DIR/marker"
echo out
echo err >&2
echo '{"accuracy": 1}' > "$AUTOLAB_RUN_DIR/metrics.json"
`;

export function executorContract(kind: string, world: World): void {
  it('has the steps that it names', async () => {
    const executor = executorFor(kind);
    expect((await executor.loadSteps()).map(({ name }) => name)).toEqual(executor.stepNames);
  });

  it(
    'runs the entrypoint once, keeps its streams, and sees its end',
    async () => {
      const root = await world.project(QUICK);

      const result = await begin(world, environment(root));

      expect([result.code, result.outcome], result.message).toEqual(['run.completed', 'completed']);
      const [runId = ''] = runIds(root);
      expect(startsOf(root, runId)).toBe(1);
      expect(manifestOf(root, runId)).toMatchObject({ launch_mode: kind, status: 'completed' });
      const peek = peekRun(root, { iterationId: 'iter1', runId });
      if (peek.kind !== 'run') throw new Error(peek.kind);
      const executor = executorFor(kind);
      const logs = executor.logs(peek.view, peek.paths);
      expect([readFileSync(logs.stdout, 'utf8'), readFileSync(logs.stderr, 'utf8')]).toEqual(['out\n', 'err\n']);
      const run: RecordedRun = { root, view: peek.view, paths: peek.paths };
      expect([executor.isOver(run), executor.mayBeAlive(run.view), executor.folderInUse(run)]).toEqual([
        true,
        false,
        null,
      ]);
      expect((await executor.standing(run, false)).entrypoint).toBe('ended');
    },
    SLOW_MS,
  );

  it(
    'outlives its driver, says how it stands meanwhile, and is carried on without a second start',
    async () => {
      const root = await world.project(WAITING);
      const executor = executorFor(kind);

      expect((await begin(world, environment(root), true)).code).toBe('run.submitted');
      const runId = await begun(root);

      const run = recorded(root);
      expect([executor.isOver(run), executor.mayBeAlive(run.view)]).toEqual([false, true]);
      expect((await executor.standing(run, false)).entrypoint).toBe('running');
      expect(await executor.abandonable(run)).toMatchObject({ kind: 'no' });
      letEnd(root, runId);
      expect((await carryOn(root)).code).toBe('run.completed');
      expect(startsOf(root, runId)).toBe(1);
    },
    SLOW_MS,
  );

  it(
    'stops what a user cancels',
    async () => {
      const root = await world.project(WAITING);
      const env = environment(root);
      const driven = begin(world, env);
      const runId = await begun(root);

      env.control.requestCancel('a user');

      expect([(await driven).code, startsOf(root, runId)]).toEqual(['run.cancelled', 1]);
      expect(findActive(root).kind).toBe('none');
    },
    SLOW_MS,
  );

  it(
    'reports an entrypoint that fails',
    async () => {
      const root = await world.project('echo started >> "$AUTOLAB_RUN_DIR/marker"\nexit 3\n');

      const result = await begin(world, environment(root));

      expect([result.outcome, result.code.split('.')[1]], result.message).toEqual(['needs_retry', 'failed']);
      expect(result.message).toMatch(/\b3\b/);
    },
    SLOW_MS,
  );

  it(
    'starts nothing once the run is fenced off',
    async () => {
      const root = await world.project(QUICK);
      const executor = executorFor(kind);
      const env = environment(root);
      const fenced = await fencedBeforeStart(world, env, async ({ view, paths }) => {
        const may = { kind: 'yes', evidence: 'nothing was started' } as const;
        return executor.fence(siteOf(root, view.opened), paths, may);
      });

      expect(fenced).toEqual({ kind: 'closed', unreported: null });
      expect(runIds(root).map((runId) => startsOf(root, runId))).toEqual([0]);
    },
    SLOW_MS,
  );
}

/** Begins a run, and fences it off as soon as its receipts have a folder. */
async function fencedBeforeStart<T>(world: World, env: Control, fence: (run: RecordedRun) => Promise<T>): Promise<T> {
  const fenced: Promise<T>[] = [];
  const watching: Control = {
    ...env,
    emit: (event) => {
      if (event.type === 'run') fenced.push(fence(recorded(env.root)));
    },
  };
  const result = await begin(world, watching);
  expect(result.code).not.toBe('run.completed');
  const [first] = fenced;
  if (first === undefined) throw new Error('the run did not begin');
  return first;
}
