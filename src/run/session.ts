import { type Failure, failureOf, ok, type Result, Stopped } from '../errors/failure.ts';
import type { Emit } from '../events/events.ts';
import { lstatOrNull, makeFolder, openForAppend, readTextOrNull, realPathOr, writeLine } from '../platform/files.ts';
import { placeOfHolder } from '../platform/host.ts';
import { quoteArgv, quotePosix } from '../platform/quoting.ts';
import { monotonicMs, now } from '../platform/time.ts';
import { canonicalLine } from '../records/canonical.ts';
import { JOURNAL_FORMAT, parseJournal } from '../records/journal.ts';
import { JournalWriter } from '../records/journal-file.ts';
import { type RunPaths, runPaths } from '../records/paths.ts';
import { replay, type RunView } from '../records/run-view.ts';
import type { Ahead } from './ahead.ts';
import { type ActiveRun, foldersOfRun, readClaim } from './claim.ts';
import { type Control, type DriveOptions, newMemory, type RunContext } from './context.ts';
import { type Lease, type LeaseHolder, leaseHolder, takeLease } from './lease.ts';
import { leftAgentStage } from './left-agent.ts';
import { logSizes } from './log-sizes.ts';

/** Opens a run: the lease, the journal, the driver's log. */

export interface LaunchEnvironment {
  readonly root: string;
  readonly emit: Emit;
  readonly control: Control;
  /** For the lease: as the user would see it in `ps`. */
  readonly command: string;
}

/** Takes the lease, or says who holds it and what to do about it. Refused while an agent is left that only `autolab run` ends. */
export function acquireLease(env: LaunchEnvironment, runId: string | null): Result<Lease> {
  const leased = acquireDespiteAgent(env, runId);
  const stage = leased.ok ? leftAgentStage(env.root) : null;
  if (!leased.ok || stage === null) return leased;
  leased.value.release();
  return { ok: false, failure: agentLeft(stage) };
}

function agentLeft(stage: string): Failure {
  return failureOf('agent.left', {
    message: `An \`autolab run\` was killed while its agent worked at the stage ${stage}.`,
    hint: `End what is left of it, and put back what it changed: ${endAgentCommand(stage)}`,
  });
}

function endAgentCommand(stage: string): string {
  return `autolab run ${quoteArgv(['--until', stage])}`;
}

/** An agent whose driver died: until it is ended, state and documents may be its work. Null if there is none. */
export function leftAgent(root: string): { readonly failure: Failure; readonly command: string } | null {
  const stage = leftAgentStage(root);
  if (stage === null) return null;
  const holder = leaseHolder(root);
  if (holder !== null && holder.liveness !== 'dead') return null;
  return { failure: agentLeft(stage), command: endAgentCommand(stage) };
}

/** The same for the one who ends that agent. */
export function acquireDespiteAgent(env: LaunchEnvironment, runId: string | null): Result<Lease> {
  // The holder may be releasing it, or the series has changed since: try again, a few times.
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const taken = takeLease(env.root, env.command);
    if (taken.ok) return ok(taken.lease);
    if (taken.holder !== null) return { ok: false, failure: describeHolder(taken.holder, runId) };
  }
  return {
    ok: false,
    failure: failureOf('lease.held', {
      message: 'Several launchers are starting at this moment; one of them has the run.',
    }),
  };
}

/** Holds the lease only while an agent works. */
const RUN_STAGES = 'autolab run';

/** These begin or continue a run, which may not have its id yet. */
const DRIVES = /\b(?:launch|resume)\b|--launch/;

export function describeHolder(holder: LeaseHolder, runId: string | null): Failure {
  const { record, liveness, heartbeatAgeMs } = holder;
  const age = heartbeatAgeMs === null ? 'of unknown age' : `${Math.round(heartbeatAgeMs / 1000)} s old`;
  const what = runId === null ? 'this project' : `run ${runId}`;
  const who = `\`${record.command}\` (process ${record.pid} on ${record.host}, since ${record.taken_at})`;
  if (liveness === 'unknown') {
    const unlock = `autolab unlock ${quoteArgv(['--run', runId ?? 'none'])}`;
    return failureOf('lease.other_host', {
      message: `${who} holds ${what} ${placeOfHolder(record)}, and it is unknown here whether it is alive; its heartbeat is ${age}.`,
      hint: `Continue on ${record.host}. If that process is dead, or its container is gone: ${unlock}`,
    });
  }
  return failureOf('lease.held', {
    message: `${who} holds ${what}; its heartbeat is ${age}.`,
    hint: record.command.startsWith(RUN_STAGES)
      ? 'Wait until its agent has ended, or stop it where it runs (Ctrl-C).'
      : runId === null && !DRIVES.test(record.command)
        ? 'Repeat the command when it has ended.'
        : 'Follow it: autolab status, autolab logs -f. Stop the run: autolab cancel.',
  });
}

export type JournalPeek =
  | { readonly kind: 'run'; readonly view: RunView; readonly paths: RunPaths }
  /** The run was claimed, and its driver died before the first line. */
  | { readonly kind: 'unopened'; readonly paths: RunPaths }
  | { readonly kind: 'corrupt'; readonly failure: Failure };

/** Reads a run's journal without touching anything. */
export function peekRun(root: string, run: Pick<ActiveRun, 'iterationId' | 'runId'>): JournalPeek {
  const paths = runPaths(root, run.iterationId, run.runId);
  const stats = lstatOrNull(realPathOr(paths.journal));
  if (stats?.isFile() === false) return { kind: 'corrupt', failure: corrupt(paths, 1, 'it is no longer a file') };
  const read = parseJournal(readTextOrNull(paths.journal) ?? '');
  if (read.kind === 'corrupt') return { kind: 'corrupt', failure: corrupt(paths, read.line, read.reason) };
  const view = replay(read.entries, read.head);
  if (view === null) {
    const foreign = read.entries.length > 0;
    // The claim says that there was a journal: losing it does not undo what the run did.
    const claim = readClaim(root);
    if (claim?.run_id === run.runId && claim.opened === true) {
      const elsewhere = foldersOfRun(root, run.runId).find((folder) => folder !== paths.relative);
      return {
        kind: 'corrupt',
        failure:
          elsewhere === undefined || lstatOrNull(paths.folder) !== null
            ? corrupt(paths, 1, 'the journal of the active run is gone')
            : renamedTo(run.runId, paths.relative, elsewhere),
      };
    }
    return foreign
      ? { kind: 'corrupt', failure: corrupt(paths, 1, 'the first line does not open a run') }
      : { kind: 'unopened', paths };
  }
  const own = runPaths(root, view.opened.iteration_id, view.opened.run_id).relative;
  if (own !== paths.relative) return { kind: 'corrupt', failure: renamedTo(view.opened.run_id, own, paths.relative) };
  if (view.opened.format > JOURNAL_FORMAT) {
    return {
      kind: 'corrupt',
      failure: failureOf('journal.newer', {
        message: `${paths.relative}/journal.jsonl was written by autolab ${view.opened.autolab_version}.`,
      }),
    };
  }
  return { kind: 'run', view, paths };
}

/** The user renamed the run's folder, or one above it. */
function renamedTo(runId: string, own: string, now: string): Failure {
  const [from, to] = renamedPart(now, own);
  return failureOf('journal.corrupt', {
    message: `${now} is the folder of the run ${runId}, which belongs at ${own}.`,
    hint: `Rename it back: mv ${quotePosix(from)} ${quotePosix(to)}; or abandon the run: autolab cancel --force --by WHO --note WHY`,
  });
}

/** The paths up to the first part that differs. Pure. */
function renamedPart(now: string, own: string): readonly [string, string] {
  const [parts, wanted] = [now.split('/'), own.split('/')];
  const at = parts.findIndex((part, index) => part !== wanted[index]);
  return [parts.slice(0, at + 1).join('/'), wanted.slice(0, at + 1).join('/')];
}

function corrupt(paths: RunPaths, line: number, reason: string): Failure {
  return failureOf('journal.corrupt', { message: `${paths.relative}/journal.jsonl:${line}: ${reason}.` });
}

function runOf({ relative }: RunPaths): Stopped['run'] {
  const [, iterationId = '', , runId = ''] = relative.split('/');
  return { iteration_id: iterationId, run_id: runId, run_dir: relative };
}

function foldersToDrive({ folder, logs, receipt }: RunPaths): readonly string[] {
  return [folder, logs, receipt];
}

/** Throws as `openRun` would if something else is where a folder of the run was. Writes nothing. */
export function checkFolders(paths: RunPaths): void {
  for (const folder of foldersToDrive(paths)) if (lstatOrNull(folder) !== null) makeFolder(folder);
}

/** Opens a run for driving. The lease is held; the caller releases it. */
export function openRun(
  env: LaunchEnvironment,
  lease: Lease,
  paths: RunPaths,
  options: DriveOptions,
  ahead: Ahead | null = null,
): Result<RunContext> {
  lease.assertHeld();
  for (const folder of foldersToDrive(paths)) makeFolder(folder);
  const opened = JournalWriter.open(paths.journal, {
    driver: lease.token,
    epoch: lease.epoch,
    assertHeld: lease.assertHeld,
    stop: ({ line, reason }) => {
      throw new Stopped(corrupt(paths, line, reason), runOf(paths));
    },
  });
  if (!opened.ok) return { ok: false, failure: corrupt(paths, opened.line, opened.reason) };
  const log = openForAppend(paths.driverLog);
  const write = (entry: object): void => {
    writeLine(log.handle, canonicalLine({ at: now(), epoch: lease.epoch, ...entry }));
  };
  const noteSizes = logSizes(paths.logs, write);
  const emit: Emit = (event) => {
    if (event.type === 'progress') noteSizes();
    else write(event);
    env.emit(event);
  };
  const deadlineMs = options.waitTimeoutMs === null ? null : monotonicMs() + options.waitTimeoutMs;
  return ok({
    root: env.root,
    paths,
    journal: opened.journal,
    lease,
    emit,
    control: env.control,
    options,
    deadlineMs,
    memory: newMemory(ahead),
  });
}
