import type { CodeLookup } from '../code/find.ts';
import { pathsFrom } from '../code/listing-text.ts';
import { pathMatcher } from '../code/path-matcher.ts';
import { problemOfFile } from '../documents/located.ts';
import type { Problem } from '../errors/problem.ts';

/** Code that no listing has, because its name is not UTF-8: nobody would notice that it changed, so it is not approved. */
export function badNames(lookup: CodeLookup): readonly Problem[] {
  if (lookup.kind !== 'git') return [];
  const isNotCode = pathMatcher(lookup.notCode);
  const fromRoot = pathsFrom(lookup.prefix);
  const names = lookup.repositories.flatMap(({ place, odd }) => odd.map((name) => `${place}${name}`));
  return names
    .filter((name) => !isNotCode(name))
    .map((name) =>
      problemOfFile(
        JSON.stringify(fromRoot(name))
          .slice(1, -1)
          .replaceAll('\uFFFD', String.raw`\ufffd`),
        'file.bad_name',
        'the name is not UTF-8, so what the file holds cannot be approved; rename it, or let git ignore it',
      ),
    );
}
