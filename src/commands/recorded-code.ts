import { type Recipe, recipeOf } from '../code/rebuild/recipe.ts';
import { fail, ok, type Result } from '../errors/failure.ts';
import { readTextOrNull } from '../platform/files.ts';
import { sha256 } from '../platform/ids.ts';
import { resultOf } from '../records/run-view.ts';
import type { JournalPeek } from '../run/session.ts';

/** The code of a run, as its record has it. */
export interface CodeOfRun {
  readonly recipe: Recipe;
  readonly ignore: readonly string[];
}

/** `prefixNow`: of the project in its repository as it is here. */
export function readRecordedCode(peek: JournalPeek, runId: string, prefixNow: string): Result<CodeOfRun> {
  const unrecorded = (why: string): Result<never> =>
    fail('code.not_recorded', { message: `The code of ${runId} is not recorded: ${why}.` });
  if (peek.kind === 'corrupt') return { ok: false, failure: peek.failure };
  const commit = peek.kind === 'run' ? resultOf(peek.view, 'record-code') : null;
  if (peek.kind !== 'run' || commit === null) return unrecorded('the run did not come so far');
  if (commit.source === 'none') return unrecorded(commit.reason ?? 'there was no repository');
  const listing = readTextOrNull(peek.paths.codeSums);
  if (listing === null || sha256(listing) !== commit.tree_digest) {
    const what = listing === null ? 'is missing' : 'has changed';
    return unrecorded(`code.sha256 ${what}; its sha256 was ${commit.tree_digest ?? 'unknown'}`);
  }
  const recipe = recipeOf(commit, listing, prefixNow);
  if ('error' in recipe) return unrecorded(`code.sha256: ${recipe.error}`);
  return ok({ recipe, ignore: peek.view.opened.code?.ignore ?? [] });
}
