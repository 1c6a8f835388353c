import { resolve } from 'node:path';
import { git } from '../../code/git.ts';
import { type MissingFile, rebuildCode } from '../../code/rebuild/rebuild.ts';
import { findHere } from '../../code/rebuild/sources.ts';
import { type Failure, failureOf } from '../../errors/failure.ts';
import { andMore } from '../../platform/listing.ts';
import { isFreeForTree } from '../../platform/new-tree.ts';
import { quotePosix } from '../../platform/quoting.ts';
import { runPaths } from '../../records/paths.ts';
import { peekRun } from '../../run/session.ts';
import { maybeText, required, text } from '../check-options.ts';
import { findRun } from '../find-run.ts';
import { readRecordedCode } from '../recorded-code.ts';
import { resultOfFailure, succeed, type VerbResult } from '../result.ts';
import type { Verb } from '../verb.ts';

export interface CodeOptions {
  /** `RUN` or `ITERATION/RUN`. Default: null, the active run, else the last one. */
  readonly run?: string | null;
  /** The folder to make the tree in: not there yet, or empty. */
  readonly checkout: string;
}

export interface CodeResult extends VerbResult {
  /** The new folder, absolute: the top of the repository. */
  readonly directory?: string;
  /** The project in it, absolute. */
  readonly project?: string;
  /** How many files and links there were. */
  readonly files?: number;
  /** How many of them are in the new folder, with the digests of then. */
  readonly rebuilt?: number;
  /** The others, from the top of the repository. */
  readonly missing?: readonly MissingFile[];
}

const NAME = 'code';

/** Makes the tree that ran in a new folder. Writes nothing else. */
export const code: Verb<CodeOptions> = {
  name: NAME,
  options: { run: maybeText, checkout: required(text) },
  perform: async ({ root }, { run: name = null, checkout }) => {
    const run = findRun(root, name);
    if (!run.ok) return resultOfFailure(NAME, run.failure);
    const { runId, iterationId } = run.value;
    const paths = runPaths(root, iterationId, runId);
    const parts = { run_id: runId, iteration_id: iterationId, run_dir: paths.relative };
    const directory = resolve(checkout);
    if (!isFreeForTree(directory)) {
      const message = `${directory} is there, and is no empty folder.`;
      return resultOfFailure(NAME, failureOf('code.exists', { message }), parts);
    }
    const here = await findHere(root);
    const record = readRecordedCode(peekRun(root, run.value), runId, 'prefix' in here ? here.prefix : '');
    if (!record.ok) return resultOfFailure(NAME, record.failure, parts);
    const { recipe, ignore } = record.value;
    const done = await rebuildCode(recipe, { directory, runFolder: paths.folder, here }, ignore);
    const project = resolve(directory, recipe.prefix);
    const all = { ...parts, details: { directory, project, ...done } satisfies Partial<CodeResult> };
    if (done.missing.length > 0) return resultOfFailure(NAME, incomplete(done, directory), all);
    const within = (await isCodeOfNext(root, directory))
      ? ' It lies in the repository: the next launch counts it as code.'
      : '';
    const message = `Rebuilt the code of ${runId} in ${directory}: ${done.files} files, each with the digest of then.${within}`;
    return succeed(NAME, { message, hint: `The project: cd ${quotePosix(project)}` }, all);
  },
};

/** git ends with 1 for what it does not ignore, and with 128 for what is in no repository of its own. */
async function isCodeOfNext(root: string, directory: string): Promise<boolean> {
  return (await git(root, ['check-ignore', '--quiet', '--', directory])).exitCode === 1;
}

const MOST_NAMED = 3;

function incomplete(
  { files, missing }: { readonly files: number; readonly missing: readonly MissingFile[] },
  directory: string,
): Failure {
  const named = missing.slice(0, MOST_NAMED).map(({ path, reason }) => `${path} (${reason})`);
  const what = `${missing.length} of ${files} files cannot be rebuilt`;
  return failureOf('code.incomplete', {
    message: `${what}: ${named.join(', ')}${andMore(missing.length - MOST_NAMED)}. The others are in ${directory}.`,
  });
}
