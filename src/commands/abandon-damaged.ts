import { join } from 'node:path';
import { historyEntry } from '../engine/close.ts';
import { CATALOG } from '../errors/catalog.ts';
import { type Failure, failureOf, ok, type Result } from '../errors/failure.ts';
import type { Abandonable, DamagedRun, Executor } from '../executors/executor.ts';
import { EXECUTORS, unrecordedRun } from '../executors/table.ts';
import { guardRun } from '../plan/guard.ts';
import { isFolder } from '../platform/copy.ts';
import {
  digestOf,
  lstatOrNull,
  makeFolder,
  readTextOrNull,
  realPathOr,
  writeFileIfChanged,
} from '../platform/files.ts';
import { quotePosix } from '../platform/quoting.ts';
import { sentences } from '../platform/sentence.ts';
import { now } from '../platform/time.ts';
import { parseState } from '../project/state.ts';
import { canonicalFile } from '../records/canonical.ts';
import { AGENT_RESULT, type RunPaths, runPaths, STATE } from '../records/paths.ts';
import { type Abandoned, type AbandonNote, readAbandoned } from '../run/abandoned.ts';
import { resultOfEnd, writeAgentResult } from '../run/agent-result.ts';
import { type ActiveRun, clearClaim, findActive, readClaim } from '../run/claim.ts';
import { noteOutcome } from '../run/notification.ts';
import { outcomeOfClosed, transitionFor } from '../run/outcome.ts';
import { acquireLease, type LaunchEnvironment } from '../run/session.ts';
import { changeState, positionOf } from '../run/state-file.ts';
import { takeTombstone } from '../run/tombstone.ts';
import { thisHost } from '../sites/site.ts';
import { endFirst } from './end-first.ts';
import { type CommandResult, resultOfFailure, type ResultParts, stageKeys } from './result.ts';

/**
 * `cancel --force` of a run whose journal is damaged or gone: nothing can be added to it, and it stays unchanged, as
 * evidence. `abandoned.json` says what its last line cannot. See docs/explanation/decisions.md.
 */

const COMMAND = 'cancel';
const CODE = 'run.abandoned';

export async function abandonDamaged(
  env: LaunchEnvironment,
  run: ActiveRun,
  damage: Failure,
  options: AbandonNote,
): Promise<CommandResult> {
  const paths = runPaths(env.root, run.iterationId, run.runId);
  const parts: ResultParts = { iteration_id: run.iterationId, run_id: run.runId, run_dir: paths.relative };
  const escape = guardRun(env.root, paths);
  if (escape !== null) return resultOfFailure(COMMAND, escape, parts);
  const answers = await askExecutors({ root: env.root, iterationId: run.iterationId, runId: run.runId, paths });
  const refusal = refusalOf(paths, answers);
  if (refusal !== null) return resultOfFailure(COMMAND, refusal, parts);
  const leased = acquireLease(env, run.runId);
  if (!leased.ok) return resultOfFailure(COMMAND, leased.failure, parts);
  try {
    // Another process may have settled it while autolab asked the queue.
    const active = findActive(env.root);
    if (
      active.kind === 'several' ||
      (active.kind === 'one' ? active.run.runId : unrecordedRun(env.root)?.runId) !== run.runId
    )
      return resultOfFailure(COMMAND, failureOf('run.none_active'), parts);
    const evidence = await endLiving(answers);
    if (!evidence.ok) return resultOfFailure(COMMAND, evidence.failure, parts);
    makeFolder(paths.folder);
    // Without the folder no job can claim the run; with it, the claim is taken.
    if (isFolder(realPathOr(paths.receipt))) {
      for (const { executor, may } of answers) {
        const fenced = await executor.fence(thisHost(env.root), paths, may);
        if (fenced.kind === 'claimed')
          return resultOfFailure(COMMAND, failureOf('run.not_abandonable', { message: fenced.message }), parts);
      }
      takeTombstone({ paths });
    }
    const record = readAbandoned(paths, run.runId) ?? recordOf(env.root, run, paths, damage, options, evidence.value);
    writeFileIfChanged(paths.abandoned, canonicalFile(record));
    return { ...settle(env.root, run, paths, record), ...parts };
  } finally {
    leased.value.release();
  }
}

interface Answer {
  readonly executor: Executor;
  readonly may: Abandonable;
}

/** Ends what is alive of the run. Returns the evidence; null if no executor has any. */
async function endLiving(answers: readonly Answer[]): Promise<Result<string | null>> {
  const evidence: string[] = [];
  for (const { may } of answers) {
    if (may.kind === 'no') continue;
    const first = await endFirst(may);
    if (!first.ok) return first;
    evidence.push(first.value);
  }
  return ok(evidence.length === 0 ? null : evidence.join('; '));
}

/** A damaged journal may no longer name the executor of the run: every executor that knows the run answers. */
async function askExecutors(run: DamagedRun): Promise<readonly Answer[]> {
  const asked = [...EXECUTORS.values()].map(async (executor) => {
    const may = await executor.abandonableDamaged(run);
    return may === null ? [] : [{ executor, may }];
  });
  return (await Promise.all(asked)).flat();
}

function refusalOf(paths: RunPaths, answers: readonly Answer[]): Failure | null {
  for (const { may } of answers)
    if (may.kind === 'no') return failureOf('run.not_abandonable', { message: may.message, hint: may.hint });
  if (lstatOrNull(paths.folder) === null || isFolder(realPathOr(paths.folder))) return null;
  return failureOf('run.not_abandonable', {
    message: `${paths.relative} is no longer a folder.`,
    hint: `Move it away: mv ${quotePosix(paths.relative)} ${quotePosix(`${paths.relative}.away`)}; then abandon the run again: autolab cancel --force --by WHO --note WHY`,
  });
}

function recordOf(
  root: string,
  run: ActiveRun,
  paths: RunPaths,
  damage: Failure,
  { by, note }: AbandonNote,
  evidence: string | null,
): Abandoned {
  return {
    run_id: run.runId,
    iteration_id: run.iterationId,
    by,
    note,
    at: now(),
    problem: damage.message,
    journal_sha256: lstatOrNull(paths.journal)?.isFile() === true ? digestOf(paths.journal) : null,
    claim: readClaim(root),
    queue: evidence,
  };
}

/** What a close does after `run.closed`: state, result, and the claim last. Harmless to repeat. */
function settle(root: string, run: ActiveRun, paths: RunPaths, record: Abandoned): CommandResult {
  const text = readTextOrNull(join(root, STATE));
  const state = text === null ? null : parseState(text, STATE).value;
  const message = `${record.by} abandoned the run: ${record.note} (${record.problem})`;
  const position = state === null ? { stage: '', stage_attempt: 0, max_stage_attempts: 0 } : positionOf(state);
  const { before, after, outcome } = transitionFor(CODE, position);
  const instead = changeState(root, {
    iterationId: run.iterationId,
    before,
    after,
    patch: { last_run_id: run.runId, pending_run_id: '', sync_status: 'failed' },
    isDone: () => false,
    history: {
      ...historyEntry(record.at, run.runId, { code: CODE, outcome, before, after }),
      by: record.by,
      note: record.note,
    },
  });
  const about = {
    runId: run.runId,
    iterationId: run.iterationId,
    experimentId: run.claim?.experiment_id ?? null,
    changedFiles: [AGENT_RESULT, STATE, `${paths.relative}/abandoned.json`],
  };
  const summary = sentences(message, CATALOG[CODE].hint);
  const result = resultOfEnd(about, { code: CODE, summary, after, counted: false, recommendations: [] });
  writeAgentResult(root, { ...result, status: 'failed' });
  const ids = { run_id: run.runId, iteration_id: run.iterationId, experiment_id: run.claim?.experiment_id ?? null };
  noteOutcome(root, { ...ids, line: null, outcome: outcomeOfClosed({ before, after, outcome: 'needs_retry' }) });
  clearClaim(root, run.runId);
  if (instead !== null) {
    return resultOfFailure(
      COMMAND,
      failureOf('state.changed', {
        message: `The run ${run.runId} was abandoned, but ${instead}: autolab did not change it.`,
        hint: `If that is still the right outcome, set by hand: last_run_id ${run.runId}, sync_status failed.`,
      }),
    );
  }
  return resultOfFailure(COMMAND, failureOf(CODE, { message }), {
    experiment_id: run.claim?.experiment_id ?? null,
    status: 'failed',
    artifact_sync_status: 'failed',
    ...stageKeys(before, after),
  });
}
