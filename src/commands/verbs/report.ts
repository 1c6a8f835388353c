import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { failureOf, ok, type Result } from '../../errors/failure.ts';
import { writeFileIfChanged } from '../../platform/files.ts';
import { quoteArgv } from '../../platform/quoting.ts';
import { layoutOf } from '../../records/page-file.ts';
import { runPaths } from '../../records/paths.ts';
import { flag, maybeText } from '../check-options.ts';
import { findRun } from '../find-run.ts';
import { checkPage } from '../pages/check-page.ts';
import { openPage } from '../pages/open-page.ts';
import { outputPlace } from '../pages/output-place.ts';
import { pageOfProject, pageOfRun, placeOfPage, placeOfProjectPage } from '../pages/run-page.ts';
import { type CommandResult, resultOfFailure, type ResultParts, succeed, type VerbResult } from '../result.ts';
import type { Verb } from '../verb.ts';

export interface ReportOptions {
  /** `RUN` or `ITERATION/RUN`. Default: null, the active run, else the last one. */
  readonly run?: string | null;
  /** The page of all runs of the project, in place of that of one run. Default: false. */
  readonly all?: boolean;
  /** Compare the page that is there with its record, byte for byte; write nothing. Default: false. */
  readonly check?: boolean;
  /** Write the page to this file; `-`: return it as `page`. Default: null, its place in the project. */
  readonly output?: string | null;
  /** Open the page with the program of the desktop. Default: false. */
  readonly open?: boolean;
}

export interface ReportResult extends VerbResult {
  /** Where the page is: relative to the project root, or as `output` says. */
  readonly report?: string;
  /** Its layout: the same record gives the same bytes in the same layout. */
  readonly layout?: number;
  /** The page itself; only for `output: '-'`. */
  readonly page?: string;
  /** Only with `open`: whether a program took it. */
  readonly opened?: boolean;
}

const NAME = 'report';

/** A page, and how it is spoken of. */
interface Subject {
  readonly parts: ResultParts;
  /** Words for the command that makes the page. */
  readonly words: readonly string[];
  /** Relative to the project root. */
  readonly place: Result<string>;
  readonly page: () => Result<string>;
  readonly what: string;
}

export const report: Verb<ReportOptions> = {
  name: NAME,
  options: { run: maybeText, all: flag, check: flag, output: maybeText, open: flag },
  perform: async ({ root }, options) => {
    const slip = slipIn(options);
    if (slip !== null) return resultOfFailure(NAME, failureOf('usage', { message: slip }));
    const subject = subjectOf(root, options);
    if (!subject.ok) return resultOfFailure(NAME, subject.failure);
    return reportOn(root, subject.value, options);
  },
};

function slipIn({ run = null, all = false, check = false, output = null, open = false }: ReportOptions): string | null {
  if (all && run !== null) return '--all is the page of all runs; leave out the run, or --all';
  if (check && output === '-') return '--check compares a file; --output - names none';
  if (open && (check || output === '-')) return '--open opens a page that is written; leave out --check and --output -';
  return null;
}

function subjectOf(root: string, { run: name = null, all = false }: ReportOptions): Result<Subject> {
  if (all)
    return ok({
      parts: {},
      words: ['--all'],
      place: placeOfProjectPage(root),
      page: () => pageOfProject(root),
      what: 'The page of all runs',
    });
  const run = findRun(root, name);
  if (!run.ok) return run;
  const { iterationId, runId } = run.value;
  return ok({
    parts: { run_id: runId, iteration_id: iterationId, run_dir: runPaths(root, iterationId, runId).relative },
    words: [`${iterationId}/${runId}`],
    place: placeOfPage(root, run.value),
    page: () => pageOfRun(root, run.value),
    what: `The page of ${runId}`,
  });
}

/** Where the page goes, or where it is. */
interface PagePlace {
  /** Absolute. */
  readonly path: string;
  /** As the user knows it. */
  readonly shown: string;
}

async function reportOn(root: string, subject: Subject, options: ReportOptions): Promise<CommandResult> {
  const { parts, words, what } = subject;
  const { check = false, output = null, open = false } = options;
  const made = subject.page();
  if (!made.ok) return resultOfFailure(NAME, made.failure, parts);
  const page = made.value;
  const layout = layoutOf(page) ?? 0;
  if (output === '-') return succeed(NAME, { hint: '' }, withKeys(parts, { layout, page }));
  const place = placeFor(root, subject, output);
  if (!place.ok) return resultOfFailure(NAME, place.failure, parts);
  const { path, shown } = place.value;
  const keys = { report: shown, layout };
  if (!check) {
    writeFileIfChanged(path, page);
    return written(parts, keys, what, place.value, open ? await openPage(path) : undefined);
  }
  const command = quoteArgv(['autolab', NAME, ...words, ...(output === null ? [] : ['--output', output])]);
  const failure = checkPage({ path, shown, page, command });
  if (failure !== null) return resultOfFailure(NAME, failure, withKeys(parts, keys));
  const message = `${what} is the one that its record gives, byte for byte.`;
  return succeed(NAME, { message, hint: '' }, withKeys(parts, keys));
}

function placeFor(root: string, subject: Subject, output: string | null): Result<PagePlace> {
  const place = output === null ? subject.place : outputPlace(output);
  if (!place.ok) return place;
  return ok(
    output === null ? { path: join(root, place.value), shown: place.value } : { path: place.value, shown: output },
  );
}

/** `problem`: why the page was not opened; null if it was opened; undefined without `--open`. */
function written(
  parts: ResultParts,
  keys: Partial<ReportResult>,
  what: string,
  { path, shown }: PagePlace,
  problem: string | null | undefined,
): CommandResult {
  if (problem === null)
    return succeed(
      NAME,
      { message: `${what} is open: ${shown}.`, hint: '' },
      withKeys(parts, { ...keys, opened: true }),
    );
  const words = problem === undefined ? '' : ` It was not opened: ${problem}.`;
  const all = problem === undefined ? keys : { ...keys, opened: false };
  const hint = `Open it in a browser: ${pathToFileURL(path).href}`;
  return succeed(NAME, { message: `${what}: ${shown}.${words}`, hint }, withKeys(parts, all));
}

function withKeys(parts: ResultParts, details: Partial<ReportResult>): ResultParts {
  return { ...parts, details };
}
