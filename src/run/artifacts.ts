import { join } from 'node:path';
import { gitWatcher } from '../code/git-watcher.ts';
import { copyTree, isFolder } from '../platform/copy.ts';
import { exists, writeFileIfChanged } from '../platform/files.ts';
import { sha256 } from '../platform/ids.ts';
import { monotonicMs } from '../platform/time.ts';
import { matchArtifacts } from '../records/artifact-match.ts';
import { formatChecksums } from '../records/checksums.ts';
import { digestFiles, type FileDigest } from '../records/digest-files.ts';
import { isArtifactPath, listTree } from '../records/listing.ts';
import type { Manifest } from '../records/manifest-schema.ts';
import type { RunPaths } from '../records/paths.ts';
import type { OpenedData } from '../records/run-data.ts';
import { matchTaskArtifacts } from '../records/tasks/task-outputs.ts';
import { type Collectable, type LeftToCollect, nothingFor, placeFor } from './collect-script.ts';

/** The outputs of a run: gathered, listed, digested, and matched with what the design declares. */

export interface Collected {
  readonly record: NonNullable<Manifest['artifacts']>;
  /** What could not be gathered or digested: then the record is incomplete. */
  readonly problems: readonly string[];
  /** What no record can hold, however often autolab retries: relative to the project's root. */
  readonly unrecordable: readonly string[];
  readonly writes: readonly string[];
  /** By path, of what is in the record. */
  readonly digests: ReadonlyMap<string, FileDigest>;
}

/** What the design says of the outputs. */
type Declaring = Pick<OpenedData, 'artifacts' | 'tasks'>;

/** Gathers, then lists: for runs that do both on this host. */
export async function collectArtifacts(
  paths: RunPaths,
  opened: Declaring,
  partial: boolean,
  left: LeftToCollect,
): Promise<Collected> {
  const gathered = gatherArtifacts(paths, left);
  const listed = await listArtifacts(paths, opened, partial);
  return {
    record: listed.record,
    problems: [...gathered.problems, ...listed.problems],
    unrecordable: listed.unrecordable,
    writes: [...listed.writes, ...gathered.writes],
    digests: listed.digests,
  };
}

/** Copies what the design collects from elsewhere into the run folder. */
export function gatherArtifacts(
  paths: RunPaths,
  left: LeftToCollect,
): Pick<Collected, 'problems' | 'writes'> & { readonly isGone: boolean } {
  const gathered = left.specs.flatMap((spec) => gather(paths, spec, left.gone));
  return {
    problems: gathered.flatMap((item) => (item.error === null ? [] : [item.error])),
    isGone: gathered.some((item) => item.isGone),
    writes: gathered.map((item) => `${paths.relative}/${item.to}`),
  };
}

/** Digests everything in the run folder that is not autolab's own, into `artifacts.sha256`. */
export async function listArtifacts(paths: RunPaths, opened: Declaring, partial: boolean): Promise<Collected> {
  const began = monotonicMs();
  const listing = await listTree(paths.folder);
  const wanted = listing.entries.filter((entry) => isArtifactPath(entry.path, opened.tasks !== undefined));
  const { digests, problems } = await digestFiles(
    paths.folder,
    wanted.map((entry) => entry.path),
    {
      onProgress: (done, total) => {
        gitWatcher().onProgress?.(done, total, 'the outputs');
      },
    },
  );
  const found = [...listing.problems, ...problems];
  const entries = [...digests].map(([path, { kind, sha256: digest }]) => ({ path, sha256: digest, kind }));
  const files = entries.filter((entry) => entry.kind === 'file');
  const text = formatChecksums(entries);
  writeFileIfChanged(paths.artifacts, text);
  const bytes = [...digests.values()].reduce((total, digest) => total + (digest.kind === 'file' ? digest.bytes : 0), 0);
  return {
    record: {
      sha256: sha256(text),
      files: files.length,
      bytes,
      seconds: Math.round(monotonicMs() - began) / 1000,
      partial,
      declared: [
        ...matchesOf(
          opened,
          files.map(({ path }) => path),
        ),
      ],
    },
    problems: found.map((problem) => `${problem.file}: ${problem.message}`),
    unrecordable: found
      .filter(({ code }) => code === 'file.not_a_file' || code === 'file.bad_name')
      .map(({ file }) => `${paths.relative}/${file}`),
    writes: [`${paths.relative}/artifacts.sha256`],
    digests,
  };
}

type Matched = NonNullable<Manifest['artifacts']>['declared'][number];

function matchesOf({ artifacts, tasks }: Declaring, files: readonly string[]): readonly Matched[] {
  if (tasks === undefined)
    return matchArtifacts(artifacts, files).map(({ pattern, required, matches }) => ({
      ...{ pattern, required },
      matches: matches.length,
    }));
  return matchTaskArtifacts(artifacts, files).map(({ pattern, required, matches }) => ({ pattern, required, matches }));
}

/**
 * `from:` names a file or folder outside of the run folder. If `path` has a glob, the folder's content goes to the
 * part of `path` before it; otherwise the file (or folder) becomes `path`.
 */
function gather(
  paths: RunPaths,
  spec: Collectable,
  gone: LeftToCollect['gone'],
): readonly { readonly to: string; readonly error: string | null; readonly isGone: boolean }[] {
  const to = placeFor(spec.path, spec.from, isFolder(spec.from));
  if (!exists(spec.from)) return spec.required ? [{ to, error: nothingFor(spec, gone), isGone: gone !== null }] : [];
  const error = copyTree(spec.from, join(paths.folder, to));
  return [{ to, error: error === null ? null : `${spec.from}: ${error}`, isGone: false }];
}
