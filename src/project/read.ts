import { shown } from '../documents/excerpt.ts';
import { hasErrors, type LocatedDocument, parsed, problemIn } from '../documents/located.ts';
import { readSource, type SourceRead } from '../documents/source.ts';
import { yamlDocument } from '../documents/yaml-document.ts';
import type { Code } from '../errors/catalog.ts';
import { fail, ok, type Result } from '../errors/failure.ts';
import type { Drafted, Parsed, Problem } from '../errors/problem.ts';
import { type Backlog, BACKLOG_FILE, parseBacklog } from './backlog.ts';
import { type Design, readDesign } from './design.ts';
import { type Environment, ENVIRONMENT_FILE, HOW_TO_WRITE, parseEnvironment } from './environment.ts';
import { DEFAULT_LAUNCH_CONFIG, LAUNCH_CONFIG_FILE, type LaunchConfig, parseLaunchConfig } from './launch-config.ts';
import { DEFAULT_LINE_LIMITS, LINE_LIMITS_FILE, type LineLimits, parseLineLimits } from './line-limits.ts';
import { NO_PROFILES, parseProfiles, type Profiles, PROFILES_FILE, type ProfileUse } from './profiles.ts';
import { parseReview, type Review } from './review.ts';
import { parseState, type State, STATE_FILE } from './state.ts';
import { readTaskSource } from './tasks/read-task-source.ts';
import type { WrittenTasks } from './tasks/task-spec.ts';
import { parseTodo, type Todo, TODO_FILE } from './todo.ts';

/** Reads all documents of a project at once, so that every problem of every file is reported together (R3). */

/** A state grows by a line of history with every attempt; a backlog with every experiment. */
const STATE_LIMIT = 4 * 1024 * 1024;

export interface GuardDocuments {
  readonly state: State;
  readonly stateText: string;
  readonly stateSha256: string;
  readonly backlog: Backlog;
  /** Byte for byte, including a byte order mark: an edit of it is written back. */
  readonly backlogText: string;
  /** Warnings of both files. */
  readonly problems: readonly Problem[];
}

/**
 * The documents for the guards. Fails with `state.missing`, `state.invalid`, `backlog.missing` or `backlog.invalid`,
 * and every problem of both files.
 */
export function readGuardDocuments(root: string): Result<GuardDocuments> {
  const stateSource = readSource(root, STATE_FILE, STATE_LIMIT);
  const backlogSource = readSource(root, BACKLOG_FILE);
  const state = parseSource(stateSource, parseState);
  const ids = state.value;
  const backlog = parseSource(backlogSource, (text, file) => parseBacklog(text, file, ids));
  const problems = [...state.problems, ...backlog.problems];
  if (stateSource.text === null || stateSource.sha256 === null || state.value === null) {
    return fail(stateSource.missing ? 'state.missing' : 'state.invalid', { problems });
  }
  if (backlogSource.text === null || backlog.value === null) {
    return fail(backlogSource.missing ? 'backlog.missing' : 'backlog.invalid', { problems });
  }
  return ok({
    state: state.value,
    stateText: stateSource.text,
    stateSha256: stateSource.sha256,
    backlog: backlog.value,
    backlogText: `${backlogSource.bom ? '\uFEFF' : ''}${backlogSource.text}`,
    problems,
  });
}

function parseSource<T>(source: SourceRead, parse: (text: string, file: string) => Parsed<T>): Parsed<T> {
  return source.text === null ? { value: null, problems: source.problems } : parse(source.text, source.file);
}

export interface ProjectRead {
  /** null if it is not usable; the problems say why. */
  readonly design: Design | null;
  /** The design, or what there is of one that has errors: enough to judge other documents by, and never run. */
  readonly draft: Design | null;
  /** Of the design, read from their file if they are in one; null if there are none, or they cannot be read. */
  readonly tasks: WrittenTasks | null;
  /** What is readable of it, as of the next three: a launch with an error in one of them is refused. */
  readonly review: Review | null;
  /** Also null if there is none. */
  readonly todo: Todo | null;
  /** Defaults for what is missing or not readable. */
  readonly limits: LineLimits;
  readonly config: LaunchConfig;
  readonly environment: Environment | null;
  /** Defaults if the file is missing or not usable. */
  readonly profiles: Profiles;
  /** Of all files, in reading order, then by place. */
  readonly problems: readonly Problem[];
  /** Path relative to the root → digest of the raw bytes; null if the file is missing or was not read. */
  readonly digests: Readonly<Record<string, string | null>>;
  /** Path relative to the root → text of a file that was read. */
  readonly texts: Readonly<Record<string, string>>;
  /** The codes of the errors, each once, in the order of the files; empty if the launch may proceed. */
  readonly failedCodes: readonly Code[];
}

export function designFileOf(iterationId: string): string {
  return `experiments/${iterationId}/design.yaml`;
}

export function reviewFileOf(iterationId: string): string {
  return `experiments/${iterationId}/review_result.json`;
}

interface DesignRead extends Drafted<Design> {
  readonly tasks: WrittenTasks | null;
  readonly digests: Readonly<Record<string, string | null>>;
}

/** The design, checked against the state's iteration, with its tasks. */
function designFor(root: string, iterationId: string, source: SourceRead): DesignRead {
  if (source.text === null) return { value: null, problems: source.problems, draft: null, tasks: null, digests: {} };
  const document = yamlDocument(source.text, source.file);
  const { value, problems, draft } = designAt(document, iterationId);
  const { tasks, digests, problems: ofTasks } = readTaskSource(root, document, draft?.tasks ?? null);
  const all = [...problems, ...ofTasks];
  const isWhole = value !== null && !hasErrors(ofTasks);
  return { value: isWhole ? value : null, problems: all, draft, tasks: isWhole ? tasks : null, digests };
}

function designAt(document: LocatedDocument, iterationId: string): Drafted<Design> {
  const { value, problems, draft } = readDesign(document, 'launch');
  const ofIteration = draft === null ? null : { ...draft, iteration_id: iterationId };
  const written: unknown = document.value?.['iteration_id'];
  if (typeof written !== 'string' || written === iterationId) return { value, problems, draft: ofIteration };
  const message = `\`iteration_id\` is ${shown(written)}, and the state is at the iteration ${shown(iterationId)}; make them agree`;
  const mismatch = problemIn(document, { pointer: '/iteration_id', code: 'design.id_mismatch', message });
  return { ...parsed(document.file, value, [...problems, mismatch]), draft: ofIteration };
}

function environmentOf(source: SourceRead): Parsed<Environment> {
  const { value, problems } = parseSource(source, parseEnvironment);
  if (!source.missing) return { value, problems };
  return {
    value,
    problems: problems.map((problem) => ({ ...problem, message: `${problem.message}; make it, and ${HOW_TO_WRITE}` })),
  };
}

function drafted<T>(source: SourceRead, parse: (text: string, file: string) => Drafted<T>): Drafted<T> {
  return source.text === null
    ? { value: null, draft: null, problems: source.problems }
    : parse(source.text, source.file);
}

const NONE = { value: null, draft: null, problems: [] };

/** An optional file may be missing. */
function optional<T>(source: SourceRead, parse: (text: string, file: string) => Parsed<T>): Parsed<T> {
  return source.missing ? { value: null, problems: [] } : parseSource(source, parse);
}

/** What the launch is about: a document stops it only by what it uses. */
export interface LaunchOf {
  /** Of the launch; null for the default one. */
  readonly profile: string | null;
  /** Whether a run at this `compute.location` uses a profile. */
  readonly usesProfiles: (location: string) => boolean;
}

const ANY_LAUNCH: LaunchOf = { profile: null, usesProfiles: () => true };

/** Reads everything that a launch of the state's iteration needs. Never throws because of file contents. */
export function readProject(root: string, state: State, launch: LaunchOf = ANY_LAUNCH): ProjectRead {
  const id = state.iteration_id;
  const sources = {
    design: readSource(root, designFileOf(id)),
    review: readSource(root, reviewFileOf(id)),
    todo: readSource(root, TODO_FILE),
    environment: readSource(root, ENVIRONMENT_FILE),
    limits: readSource(root, LINE_LIMITS_FILE),
    config: readSource(root, LAUNCH_CONFIG_FILE),
    profiles: readSource(root, PROFILES_FILE),
  };
  const design = designFor(root, id, sources.design);
  const review = drafted(sources.review, parseReview);
  const todo = sources.todo.missing ? NONE : drafted(sources.todo, parseTodo);
  const environment = environmentOf(sources.environment);
  const limits = sources.limits.missing ? NONE : drafted(sources.limits, parseLineLimits);
  const { draft } = design;
  const usesProfiles = draft === null || launch.usesProfiles(draft.compute.location);
  const config = sources.config.missing
    ? NONE
    : drafted(sources.config, (text, file) => parseLaunchConfig(text, file, !usesProfiles));
  const use: ProfileUse = {
    chosen: (fallback) => launch.profile ?? (usesProfiles ? fallback : null),
    python: draft === null || draft.entrypoint.kind === 'module',
  };
  const profiles = optional(sources.profiles, (text, file) => parseProfiles(text, file, use));

  const failedCodes = new Set<Code>();
  // A valid design for another iteration has a code of its own.
  if (hasErrors(design.problems.filter(({ code }) => code !== 'design.id_mismatch'))) failedCodes.add('design.invalid');
  if (design.problems.some(({ code }) => code === 'design.id_mismatch')) failedCodes.add('design.id_mismatch');
  if (hasErrors(review.problems)) failedCodes.add('review.missing');
  if (hasErrors(environment.problems)) failedCodes.add('environment.invalid');
  if ([todo, limits, config, profiles].some(({ problems }) => hasErrors(problems))) failedCodes.add('config.invalid');

  return {
    design: design.value,
    draft: design.draft,
    tasks: design.tasks,
    review: review.draft,
    todo: todo.draft,
    environment: environment.value,
    limits: limits.draft ?? DEFAULT_LINE_LIMITS,
    config: config.draft ?? DEFAULT_LAUNCH_CONFIG,
    profiles: profiles.value ?? NO_PROFILES,
    problems: [design, review, todo, environment, limits, config, profiles].flatMap(({ problems }) => problems),
    digests: {
      ...Object.fromEntries(Object.values(sources).map(({ file, sha256 }) => [file, sha256])),
      ...design.digests,
    },
    texts: Object.fromEntries(
      Object.values(sources).flatMap(({ file, text }) => (text === null ? [] : [[file, text]])),
    ),
    failedCodes: [...failedCodes],
  };
}
