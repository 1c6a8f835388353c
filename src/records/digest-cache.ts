import { join } from 'node:path';
import type { BlobAlgorithm, FileDigest } from '../platform/digest.ts';
import { type FileStamp, type FileSystemClock, fileSystemClock } from '../platform/file-stamp.ts';
import { exists, makeFolder, readTextOrNull, writeFileAtomic } from '../platform/files.ts';
import { type CachedLines, formatCache, formatDigest, parseCache, parseDigest } from './digest-cache-text.ts';

/**
 * Digests from earlier launches, so that unchanged files are not read again. The job itself compares all digests, and
 * whatever is wrong with the cache makes a launch slower and nothing else.
 */

const FILE = 'digests';
/** Fewer files are digested in less time than it takes to read a cache. */
const FEWEST_FILES = 500;
/** The cache is written if digesting what it lacks takes as long as digesting this many small files. */
const NEWS_WORTH = 100;
const BYTES_LIKE_A_FILE = 1024 * 1024;
/** A second change within one tick of the clock does not change the time stamps, so files this young are not kept. */
const RACY_NS = 2_000_000_000n;

const BLOB_LENGTH = { sha1: 40, sha256: 64 } satisfies Record<BlobAlgorithm, number>;

type FileOnly = Extract<FileDigest, { kind: 'file' }>;

export interface CacheOptions {
  /** Files that the cache says nothing about: the digest of a short password can be guessed. */
  readonly isSecret?: (path: string) => boolean;
  /** The cache is not used for fewer files at once. */
  readonly fewestFiles?: number;
  /** Of file systems besides that of the folder: `now` is from before the first file was read. */
  readonly otherClocks?: readonly FileSystemClock[];
  /** The number of files that are remembered although they were not met again. */
  readonly remembers?: number;
  /** False: nothing is written, as a dry run wants it. */
  readonly keeps?: boolean;
  /** For tests. */
  readonly clock?: (folder: string) => FileSystemClock | null;
}

/** Holds state: what was read, what was used or learned since, and the clock, which is read before the first file. */
export class DigestCache {
  readonly fewestFiles: number;
  private readonly folder: string;
  private readonly isSecret: (path: string) => boolean;
  private readonly askClock: (folder: string) => FileSystemClock | null;
  private readonly otherClocks: readonly FileSystemClock[];
  private readonly remembers: number;
  private readonly keeps: boolean;
  private read: CachedLines | null = null;
  /** What is written next: files that are not met again are forgotten. */
  private readonly met = new Map<string, string>();
  private news = 0;
  private clock: FileSystemClock | null | undefined;

  /** `folder` is made if needed. */
  constructor(folder: string, options: CacheOptions = {}) {
    this.folder = folder;
    this.isSecret = options.isSecret ?? (() => false);
    this.fewestFiles = options.fewestFiles ?? FEWEST_FILES;
    this.askClock = options.clock ?? fileSystemClock;
    this.otherClocks = options.otherClocks ?? [];
    this.remembers = options.remembers ?? 0;
    this.keeps = options.keeps ?? true;
  }

  /** False if looking at stamps is useless. */
  get knowsAny(): boolean {
    return this.lines.size > 0;
  }

  /** Returns null if this state of the file is unknown, or the wanted object id is. */
  recall(stamp: FileStamp, algorithm: BlobAlgorithm | undefined): FileOnly | null {
    const value = this.lines.get(stamp.key);
    if (value === undefined) return null;
    const { sha256, executable, blob } = parseDigest(value);
    if (algorithm !== undefined && blob?.length !== BLOB_LENGTH[algorithm]) return null;
    const fact = { kind: 'file', sha256, bytes: stamp.bytes, executable } as const;
    this.met.set(stamp.key, value);
    return algorithm === undefined || blob === null ? fact : { ...fact, blob };
  }

  /** Must be called before the first file is read. */
  start(): void {
    if (this.clock !== undefined) return;
    this.clock = this.keeps && this.prepareFolder() ? this.askClock(this.folder) : null;
  }

  /** `stamp` must be the same before and after the file was read. */
  learn(path: string, stamp: FileStamp, digest: FileOnly): void {
    const clock = this.clockOf(stamp.device);
    if (clock === null || this.isSecret(path) || stamp.newest + RACY_NS >= clock.now) return;
    const { sha256, executable, blob = null } = digest;
    this.met.set(stamp.key, formatDigest({ sha256, executable, blob }));
    this.news += 1 + digest.bytes / BYTES_LIKE_A_FILE;
  }

  /** Writes the cache if there is enough news. If two processes do it at once, the last one wins; both are right. */
  save(): void {
    if (this.news < NEWS_WORTH) return;
    try {
      writeFileAtomic(join(this.folder, FILE), formatCache(this.withRemembered()));
      this.news = 0;
    } catch {
      // The disk is full or read-only: the next launch digests again.
    }
  }

  private clockOf(device: bigint): FileSystemClock | null {
    if (this.clock === null || this.clock === undefined) return null;
    return [this.clock, ...this.otherClocks].find((clock) => clock.device === device) ?? null;
  }

  /** What was met comes first: what was not is forgotten in time. */
  private withRemembered(): CachedLines {
    const lines = new Map(this.met);
    for (const [key, value] of this.lines) {
      if (lines.size >= this.met.size + this.remembers) break;
      if (!lines.has(key)) lines.set(key, value);
    }
    return lines;
  }

  private get lines(): CachedLines {
    this.read ??= this.readLines();
    return this.read;
  }

  private readLines(): CachedLines {
    try {
      return parseCache(readTextOrNull(join(this.folder, FILE)) ?? '');
    } catch {
      return new Map();
    }
  }

  private prepareFolder(): boolean {
    try {
      makeFolder(this.folder);
      // For projects whose .gitignore is older than the cache.
      const ignore = join(this.folder, '.gitignore');
      if (!exists(ignore)) writeFileAtomic(ignore, '*\n');
      return true;
    } catch {
      return false;
    }
  }
}
