import { dirname, join } from 'node:path';
import { gitWatcher } from '../../code/git-watcher.ts';
import { looksSecret } from '../../code/secret-names.ts';
import { type FileSystemClock, localClock } from '../../platform/file-stamp.ts';
import type { InputSpec } from '../../project/design-inputs.ts';
import { DigestCache } from '../../records/digest-cache.ts';
import { digestFiles } from '../../records/digest-files.ts';
import type { InputFile } from '../../records/input-list.ts';
import { DIGEST_CACHE } from '../../records/paths.ts';
import { findInput, type FoundFile, type InputTrouble, MOST_INPUT_FILES } from './find.ts';

/** The data inputs that lie on this host, with the digests of their files. */

export interface ReadInput {
  readonly spec: InputSpec;
  readonly files: readonly InputFile[];
  /** Why some of them cannot be recorded. */
  readonly troubles: readonly InputTrouble[];
}

export interface ReadOptions {
  /** The folder of the run that is to be, relative to the project: what is in it is no data. */
  readonly runFolder: string | null;
  /** False: names and sizes only. */
  readonly digest: boolean;
  /** False: what was learned is not kept for the next time. */
  readonly keeps: boolean;
}

/** Digests that are remembered of other experiments' data. */
const REMEMBERED = 200_000;

/** Rejects only if the call is interrupted. */
export async function readInputsHere(
  root: string,
  specs: readonly InputSpec[],
  options: ReadOptions,
): Promise<readonly ReadInput[]> {
  const { signal } = gitWatcher();
  const { runFolder } = options;
  const isOwn = (path: string): boolean => runFolder !== null && (path === runFolder || path === join(root, runFolder));
  const found: { spec: InputSpec; files: readonly FoundFile[]; troubles: readonly InputTrouble[] }[] = [];
  for (const spec of specs) {
    const { files, troubles } = await findInput(root, spec.path, { isOwn, signal });
    const tooMany = { path: spec.path, what: `has more than ${MOST_INPUT_FILES} files; make it an archive` };
    found.push({ spec, files, troubles: files.length > MOST_INPUT_FILES ? [tooMany] : troubles });
  }
  const isSound = found.every(({ troubles }) => troubles.length === 0);
  const wanted = found.flatMap(({ spec, files }) => (spec.check === 'digest' ? files : []));
  const digests = options.digest && isSound ? await digestsOf(root, wanted, options.keeps) : null;
  return found.map(({ spec, files, troubles }) => {
    const named = files.map(({ path, place, bytes }): InputFile => {
      const digest = spec.check === 'size' || looksSecret(path) ? null : (digests?.known.get(place) ?? null);
      return { path, bytes, sha256: digest };
    });
    const unread = files.flatMap(({ path, place }) => {
      const why = spec.check === 'size' || looksSecret(path) ? undefined : digests?.unread.get(place);
      return why === undefined ? [] : [{ path, what: `cannot be recorded: ${why}` }];
    });
    return { spec, files: named, troubles: [...troubles, ...unread] };
  });
}

interface Known {
  /** By place. */
  readonly known: ReadonlyMap<string, string>;
  readonly unread: ReadonlyMap<string, string>;
}

/** Each file once, however many inputs name it. The digest of a short secret can be guessed, so there is none. */
async function digestsOf(root: string, files: readonly FoundFile[], keeps: boolean): Promise<Known> {
  const places = new Map(files.filter(({ path }) => !looksSecret(path)).map((file) => [file.place, file]));
  const { signal, onProgress } = gitWatcher();
  const cache = new DigestCache(join(root, DIGEST_CACHE, 'inputs'), {
    isSecret: looksSecret,
    fewestFiles: 1,
    otherClocks: clocksFor([...places.values()]),
    remembers: REMEMBERED,
    keeps,
  });
  const report = (done: number, total: number): void => onProgress?.(done, total, 'the data inputs');
  report(0, places.size);
  const { digests, problems } = await digestFiles(
    '',
    [...places.keys()].map((place) => place.slice(1)),
    { cache, onProgress: report, ...(signal === undefined ? {} : { signal }) },
  );
  cache.save();
  const known = new Map<string, string>();
  const unread = new Map<string, string>(problems.map(({ file, message }) => [`/${file}`, message]));
  for (const [name, digest] of digests)
    if (digest.kind !== 'file') unread.set(`/${name}`, 'it became a symbolic link');
    else if (digest.bytes !== places.get(`/${name}`)?.bytes) unread.set(`/${name}`, 'it changed while it was read');
    else known.set(`/${name}`, digest.sha256);
  return { known, unread };
}

/** One for each file system that only this host changes. */
function clocksFor(files: readonly FoundFile[]): readonly FileSystemClock[] {
  const first = new Map<bigint, string>();
  for (const { device, place } of files) if (!first.has(device)) first.set(device, place);
  return [...first].flatMap(([device, place]) => localClock(dirname(place), device) ?? []);
}
