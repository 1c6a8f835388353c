import { posix } from 'node:path';
import { sha256 } from '../platform/ids.ts';
import { type ChecksumEntry, formatChecksums } from '../records/checksums.ts';
import type { ComparedCode } from './compare.ts';
import type { FoundCode } from './find.ts';
import { pathMatcher } from './path-matcher.ts';
import { looksSecret } from './secret-names.ts';

/** `code.sha256`: the digests of all files that are code, relative to the project root. Pure. */
export interface CodeListing {
  readonly text: string;
  /** The same without the designs: two runs of the same code have the same. */
  readonly withoutDesigns: string;
  /** Of `withoutDesigns`. */
  readonly codeDigest: string;
  readonly files: number;
  readonly bytes: number;
  /** What is not in it. */
  readonly notes: readonly string[];
}

export function listingOf(
  found: FoundCode,
  { digests, unread }: Pick<ComparedCode, 'digests' | 'unread'>,
): CodeListing {
  const fromRoot = pathsFrom(found.prefix);
  const entries: ChecksumEntry[] = [];
  const designs = new Set<ChecksumEntry>();
  const comments: string[] = [];
  const isDesign = pathMatcher(found.designs);
  const hasMode = whereModesCount(found);
  let bytes = 0;
  for (const [name, digest] of digests) {
    if (looksSecret(name)) continue;
    const path = fromRoot(name);
    if (digest.kind === 'symlink') comments.push(`symlink ${digest.sha256} ${JSON.stringify(path)}`);
    else {
      const entry = { path, sha256: digest.sha256 };
      entries.push(entry);
      if (isDesign(name)) designs.add(entry);
      bytes += digest.bytes;
      if (digest.executable && hasMode(name)) comments.push(`executable ${JSON.stringify(path)}`);
    }
  }
  for (const { place, notThere } of found.repositories)
    comments.push(...notThere.map((path) => `repository ${JSON.stringify(fromRoot(place + path))}`));
  comments.sort();
  const withoutDesigns = formatChecksums(
    entries.filter((entry) => !designs.has(entry)),
    comments,
  );
  return {
    text: formatChecksums(entries, comments),
    withoutDesigns,
    codeDigest: sha256(withoutDesigns),
    files: entries.length,
    bytes,
    notes: notesOn(found, unread),
  };
}

function notesOn(found: FoundCode, unread: ReadonlyMap<string, string>): readonly string[] {
  const odd = found.repositories.flatMap(({ place, odd: names }) => names.map((name) => place + name));
  const unseen = found.repositories.flatMap((repository) => repository.unseen);
  const secrets = found.names.filter(looksSecret);
  return [
    ...(odd.length === 0 ? [] : [`not recorded, because the name is not UTF-8: ${odd.join(', ')}`]),
    ...unseen.map((words) => `git ${words}: what is there is not recorded`),
    ...(secrets.length === 0 ? [] : [`not listed, because the name looks like a secret: ${secrets.join(', ')}`]),
    ...[...unread].map(([name, why]) => `could not be digested: ${name}: ${why}`),
  ];
}

/** Whether the executable bit of a file means something to its repository. */
function whereModesCount({ repositories }: FoundCode): (name: string) => boolean {
  if (repositories.every(({ fileMode }) => fileMode)) return () => true;
  const inmost = [...repositories].sort((a, b) => b.place.length - a.place.length);
  return (name) => inmost.find(({ place }) => name.startsWith(place))?.fileMode ?? false;
}

/** From a path within the tree to one from the project root, which is at `prefix`: '' or `sub/folder/`. */
export function pathsFrom(prefix: string): (name: string) => string {
  if (prefix === '') return (name) => name;
  return (name) => (name.startsWith(prefix) ? name.slice(prefix.length) : posix.relative(`/${prefix}`, `/${name}`));
}
