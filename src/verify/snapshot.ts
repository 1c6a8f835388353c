import { join } from 'node:path';
import { countLines } from '../launch-scripts/lint.ts';
import { readDocument } from '../platform/document.ts';
import { realPathOr } from '../platform/files.ts';
import { inodeOf } from '../platform/inode.ts';
import {
  DEFAULT_LINE_LIMITS,
  LINE_LIMITS_FILE,
  type LineLimits,
  manifestLimitTarget,
  parseLineLimits,
} from '../project/line-limits.ts';
import { digestFiles, type Digests } from '../records/digest-files.ts';
import { parseJournal } from '../records/journal.ts';
import { isArtifactPath, listTree, type TreeListing } from '../records/listing.ts';
import type { CommitRecord } from '../records/manifest-schema.ts';
import { pagesOf } from '../records/page-file.ts';
import { LEDGER, PROMPT_CONTEXT, PROMPT_RENDERED, runPaths } from '../records/paths.ts';
import { ended } from '../records/projection-task.ts';
import type { OpenedData } from '../records/run-data.ts';
import { replay, resultOf } from '../records/run-view.ts';
import { TASK_ENDS_FILE, TASK_RESULTS_FILE } from '../records/tasks/task-files.ts';
import { TASK_LIST_FILE } from '../records/tasks/task-list.ts';
import { TASKS_REUSED_FILE } from '../records/tasks/task-reuse.ts';
import type { TasksResult } from '../records/tasks/task-summary.ts';
import { asItWorks } from '../records/withheld.ts';
import { type CodeFacts, codeFacts } from './code-facts.ts';

/**
 * Everything that the verifiers look at, as plain data: no clock, no absolute path, nothing of the process. So a run
 * can be verified years later, on a copy of the project, and the verifiers are functions.
 */
export interface VerifySnapshot {
  readonly iteration_id: string;
  readonly run_id: string;
  /** `experiments/<iteration_id>/runs/<run_id>` */
  readonly run_folder: string;
  readonly journal: JournalFacts;
  readonly manifest: FileText;
  readonly projected: Projected;
  /** Files below the run folder, paths relative to it; without the page that autolab makes of the run. */
  readonly listing: TreeListing;
  readonly artifact_sums: FileText;
  readonly input_sums: FileText;
  /** Digests of all artifacts as they are now; null if they were not wanted. */
  readonly digests: { readonly files: Readonly<Record<string, string>>; readonly problems: readonly string[] } | null;
  readonly limits: LineLimits;
  readonly limits_problems: readonly string[];
  /** Path relative to the iteration → lines; only of files that have a limit and are there as text. */
  readonly line_counts: Readonly<Record<string, number>>;
  readonly script: FileText;
  /** The rendered prompt and its context: those of the project's latest launch, not always of this run. */
  readonly prompt: FileText;
  readonly prompt_context: FileText;
  readonly ledger: FileText;
  /** The run's folder was copied, or moved to another project: what the project keeps about its runs is not here. */
  readonly copied: boolean;
  /** null: the record has no repositories. */
  readonly code: CodeFacts | null;
  /** null: the run has one task. */
  readonly tasks: TaskLists | null;
}

/** The lists of a run with many tasks. */
export interface TaskLists {
  readonly list: FileText;
  /** Of tasks that are taken over from an earlier run; without text in any other run. */
  readonly reused: FileText;
  readonly ends: FileText;
  readonly results: FileText;
}

export interface FileText {
  /** Relative to the project root. */
  readonly path: string;
  readonly text: string | null;
  /** Why there is no text; null if there is. */
  readonly problem: string | null;
}

export interface JournalFacts {
  readonly path: string;
  /** Why it cannot be read or its chain is broken; null if it is intact. */
  readonly problem: string | null;
  /** Characters after the last whole line. */
  readonly torn: number;
  readonly lines: number;
  readonly opened: OpenedData | null;
  readonly commit: CommitRecord | null;
  /** Digest of `receipt/task_ends.jsonl`; null if no step has seen the ends of the tasks. */
  readonly task_ends: string | null;
  /** What `run.closed` says of the tasks. */
  readonly tasks_result: TasksResult | null;
  /** Whether `run.closed` is in it; before that the manifest file may be older than the journal. */
  readonly closed: boolean;
  /** Who accepted the run as it is; null if the run did not need it. */
  readonly accepted_by: string | null;
}

/** What the launcher makes of a journal: the manifest's text, and the files it says it wrote, relative to the project root. */
export type Projected = { readonly text: string; readonly writes: readonly string[] } | { readonly problem: string };

export interface SnapshotOptions {
  readonly projectManifest: (journalText: string) => Projected;
  /** Whether to digest the artifacts again. */
  readonly digest: boolean;
}

/** The longest text that is read; a JavaScript string ends not far above. */
const MOST_BYTES = 400 * 1024 * 1024;

/** Reads what is there. Missing or unreadable files are facts of the snapshot, and never make it reject. */
export async function takeSnapshot(
  root: string,
  iterationId: string,
  runId: string,
  options: SnapshotOptions,
): Promise<VerifySnapshot> {
  const iteration = `experiments/${iterationId}`;
  const runFolder = runPaths(root, iterationId, runId).relative;
  const read = (path: string): FileText => readText(root, path);
  const journal = read(`${runFolder}/journal.jsonl`);
  const facts = asItRan(root, journalFacts(journal));
  const projected = journal.text === null ? { problem: journal.problem ?? '' } : options.projectManifest(journal.text);
  const hasTasks = facts.opened?.tasks !== undefined;
  const sums = read(`${runFolder}/artifacts.sha256`);
  const listing = await listTree(join(root, runFolder), { exclude: pagesOf(join(root, runFolder), sums.text) });
  const artifacts = listing.entries
    .filter((entry) => entry.kind !== 'other' && isArtifactPath(entry.path, hasTasks))
    .map((entry) => entry.path);
  const digests = options.digest ? await digestFiles(join(root, runFolder), artifacts) : null;
  const { limits, problems } = readLimits(root);
  return {
    iteration_id: iterationId,
    run_id: runId,
    run_folder: runFolder,
    journal: facts,
    manifest: read(`${runFolder}/run_manifest.json`),
    projected,
    listing,
    artifact_sums: sums,
    input_sums: read(`${runFolder}/inputs.sha256`),
    digests: digests === null ? null : plainDigests(digests),
    limits,
    limits_problems: problems,
    line_counts: countLimited(limits, runId, (path) => read(`${iteration}/${path}`)),
    script: read(facts.opened?.entrypoint.script ?? `${iteration}/launch/run_local.sh`),
    prompt: read(PROMPT_RENDERED),
    prompt_context: read(PROMPT_CONTEXT),
    ledger: read(LEDGER),
    copied: isCopied(root, runFolder, facts.opened),
    code: await codeFacts(root, runFolder, facts.commit),
    tasks: hasTasks ? taskFacts(runFolder, read) : null,
  };
}

function taskFacts(runFolder: string, read: (path: string) => FileText): TaskLists {
  return {
    list: read(`${runFolder}/${TASK_LIST_FILE}`),
    reused: read(`${runFolder}/${TASKS_REUSED_FILE}`),
    ends: read(`${runFolder}/receipt/${TASK_ENDS_FILE}`),
    results: read(`${runFolder}/${TASK_RESULTS_FILE}`),
  };
}

function isCopied(root: string, runFolder: string, opened: OpenedData | null): boolean {
  const place = opened?.place;
  if (place === undefined) return false;
  return realPathOr(root) !== place.project && inodeOf(join(root, runFolder)) !== place.inode;
}

function readText(root: string, path: string): FileText {
  const read = readDocument(join(root, path), MOST_BYTES);
  switch (read.kind) {
    case 'text':
      return { path, text: `${read.bom ? '\uFEFF' : ''}${read.text}`, problem: null };
    case 'missing':
      return { path, text: null, problem: 'is missing' };
    case 'not_a_file':
      return { path, text: null, problem: `is ${read.what}` };
    case 'unreadable':
      return { path, text: null, problem: `cannot be read: ${read.reason}` };
    case 'too_large':
      return { path, text: null, problem: `has ${read.bytes} bytes, more than can be read` };
    case 'binary':
      return { path, text: null, problem: `is not UTF-8 text (byte ${read.offset})` };
  }
}

function journalFacts({ path, text, problem }: FileText): JournalFacts {
  const none = {
    ...{ path, torn: 0, lines: 0, opened: null, commit: null },
    ...{ task_ends: null, tasks_result: null, closed: false, accepted_by: null },
  };
  if (text === null) return { ...none, problem };
  const read = parseJournal(text);
  if (read.kind === 'corrupt') return { ...none, problem: `line ${read.line}: ${read.reason}` };
  const view = replay(read.entries, read.head);
  if (view === null) return { ...none, problem: 'does not begin with run.opened' };
  return {
    path,
    problem: null,
    torn: read.torn?.length ?? 0,
    lines: read.head.lines,
    opened: view.opened,
    commit: resultOf(view, 'record-code'),
    task_ends: ended(view)?.tasks?.ends_sha256 ?? null,
    tasks_result: view.closed?.tasks ?? null,
    closed: view.closed !== null,
    accepted_by: view.closed?.code === 'run.accepted' ? (view.decision?.by ?? 'a reviewer') : null,
  };
}

/** With the script's own text, if the journal has it without its credentials. */
function asItRan(root: string, facts: JournalFacts): JournalFacts {
  const { opened } = facts;
  if (opened?.withheld !== true) return facts;
  const working = asItWorks(runPaths(root, opened.iteration_id, opened.run_id), opened);
  return working === null ? facts : { ...facts, opened: working };
}

function plainDigests({ digests, problems }: Digests): NonNullable<VerifySnapshot['digests']> {
  return {
    files: Object.fromEntries([...digests].map(([path, digest]) => [path, digest.sha256])),
    problems: problems.map((problem) => `${problem.file}: ${problem.message}`),
  };
}

function readLimits(root: string): { limits: LineLimits; problems: string[] } {
  const { text, problem } = readText(root, LINE_LIMITS_FILE);
  if (text === null)
    return {
      limits: DEFAULT_LINE_LIMITS,
      problems: problem === 'is missing' || problem === null ? [] : [`${LINE_LIMITS_FILE} ${problem}`],
    };
  const { value, problems } = parseLineLimits(text, LINE_LIMITS_FILE);
  const errors = problems.filter((one) => one.severity === 'error');
  return {
    limits: value ?? DEFAULT_LINE_LIMITS,
    problems: errors.map((one) => `${one.file}:${one.line ?? 1}: ${one.message}`),
  };
}

function countLimited(limits: LineLimits, runId: string, read: (path: string) => FileText): Record<string, number> {
  const target = manifestLimitTarget(limits, runId);
  const paths = [
    ...Object.keys(limits.fixed).map((pattern) => limitedPath(pattern, runId)),
    ...(target === null ? [] : [target]),
  ];
  return Object.fromEntries(
    paths.flatMap((path): [string, number][] => {
      const { text } = read(path);
      return text === null ? [] : [[path, countLines(text)]];
    }),
  );
}

/** The path that a limit's key means for a run; as `limitFor` understands keys. */
export function limitedPath(pattern: string, runId: string): string {
  return pattern.replaceAll('<RUN_ID>', runId).replaceAll(/\{\{\s*run_id\s*\}\}/g, runId);
}
