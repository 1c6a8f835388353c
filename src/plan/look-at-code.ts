import { compareCode } from '../code/compare.ts';
import { type BegunLook, type CodeLookup, findCode, type FoundCode } from '../code/find.ts';
import type { GitTrouble } from '../code/git-trouble.ts';
import { type CodeListing, listingOf } from '../code/listing-text.ts';
import type { CodeScope } from '../code/scope.ts';
import type { Objection } from '../run/objection.ts';

/** What git says of the code before anything is claimed. */
export interface CodeLook {
  readonly lookup: CodeLookup;
  /** Relative to the top of the work tree; null unless the launch needs to know. */
  readonly changed: readonly string[] | null;
  /** As it would be recorded; null unless the launch needs to know. */
  readonly listing: CodeListing | null;
  /** Why the code cannot be recorded. */
  readonly objections: readonly Objection[];
}

/** `thorough`: also reads the files, to say which are not in a commit. */
export async function lookAtCode(
  root: string,
  scope: CodeScope,
  thorough: boolean,
  begun?: BegunLook,
): Promise<CodeLook> {
  const lookup = await findCode(root, scope, begun);
  if (lookup.kind !== 'git' || !thorough)
    return { lookup, changed: null, listing: null, objections: objectionsTo(lookup) };
  const compared = await compareCode(lookup);
  if (compared.kind !== 'compared') return { lookup, changed: null, listing: null, objections: objectionsTo(compared) };
  const changed = compared.repositories.flatMap(({ repository, changed: names, otherLinks }) =>
    [...names, ...otherLinks.keys()].map((name) => `${repository.place}${name}`),
  );
  return { lookup, changed, listing: listingOf(lookup, compared), objections: [] };
}

function objectionsTo(lookup: CodeLookup | FoundCode | GitTrouble): readonly Objection[] {
  if (lookup.kind === 'failed')
    return [
      { code: 'git.failed', message: `git does not answer in ${lookup.folder}: ${lookup.words}.`, hint: lookup.hint },
    ];
  return lookup.kind === 'unfit' ? [{ code: 'code.scope', message: lookup.message, hint: lookup.hint }] : [];
}
