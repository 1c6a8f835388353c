import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { type CachedCode, cacheKeyOf, isCacheOff, packStampOf, readCodeCache, writeCodeCache } from './code-cache.ts';

/**
 * Loads the program from the packs that the build makes (scripts/lib/packs.mjs): scripts that hold chunks of it as
 * functions. What V8 makes of a pack can be kept, which a module of Node's own cannot.
 */

type Chunk = (exports: object, module: { exports: object }, require: (id: string) => unknown, folder: string) => void;

interface Pack {
  readonly chunks: Readonly<Record<string, Chunk>>;
  /** Which pack has which of the other chunks; of the first pack only. */
  readonly elsewhere?: Readonly<Record<string, string>>;
}

export interface Packed {
  /** What the entry exports. */
  readonly exports: unknown;
  /** Keeps the code for the next start, once this program is done. */
  readonly keep: () => void;
}

/** `slot`: calls that need much the same code. Null: nothing is kept. */
export function loadPacked(folder: string, first: string, entry: string, slot: string | null): Packed {
  const key = cacheKeyOf(join(folder, first));
  const kept = slot === null || isCacheOff() ? null : readCodeCache(slot, key);
  const packs = new Packs(folder, kept);
  packs.load(first);
  const loaded = { exports: packs.require(entry) };
  const keep = (): void => {
    if (slot === null || isCacheOff()) return;
    process.once('exit', (status) => {
      const code = packs.toKeep(status === 0);
      if (code !== null) writeCodeCache(slot, key, code);
    });
  };
  return { ...loaded, keep };
}

class Packs {
  readonly #folder: string;
  readonly #kept: CachedCode | null;
  readonly #scripts = new Map<string, { readonly script: Script; readonly stamp: string }>();
  readonly #chunks = new Map<string, Chunk>();
  readonly #elsewhere = new Map<string, string>();
  readonly #modules = new Map<string, { exports: object }>();
  #rejected = false;

  constructor(folder: string, kept: CachedCode | null) {
    this.#folder = folder;
    this.#kept = kept;
  }

  load(file: string): void {
    const filename = join(this.#folder, file);
    // Before it is read: one that is replaced meanwhile fits nothing.
    const stamp = packStampOf(filename);
    const part = this.#kept?.parts.get(file);
    const cachedData = part?.stamp === stamp ? part.data : undefined;
    // The build writes ASCII only, which is the fastest to read.
    const script = new Script(readFileSync(filename, 'latin1'), {
      filename,
      ...(cachedData === undefined ? {} : { cachedData }),
    });
    // Read once: a driver that waits for days has no use for it.
    this.#kept?.parts.delete(file);
    this.#rejected ||= part !== undefined && script.cachedDataRejected !== false;
    this.#scripts.set(file, { script, stamp });
    const { chunks, elsewhere = {} } = script.runInThisContext() as Pack;
    for (const [name, chunk] of Object.entries(chunks)) this.#chunks.set(name, chunk);
    for (const [name, pack] of Object.entries(elsewhere)) this.#elsewhere.set(name, pack);
  }

  readonly require = (id: string): unknown => {
    if (!id.startsWith('./')) return process.getBuiltinModule(id);
    const known = this.#modules.get(id);
    if (known !== undefined) return known.exports;
    if (!this.#chunks.has(id)) this.load(this.#elsewhere.get(id) ?? id);
    const chunk = this.#chunks.get(id);
    if (chunk === undefined) throw new Error(`the package is incomplete: no pack has ${id}`);
    const module = { exports: {} };
    this.#modules.set(id, module);
    chunk(module.exports, module, this.require, this.#folder);
    return module.exports;
  };

  /** Null if what is kept already is as good. */
  toKeep(succeeded: boolean): CachedCode | null {
    const ran = this.#modules.size;
    const kept = this.#rejected ? null : this.#kept;
    if (kept !== null && ran <= kept.ran && (kept.succeeded || !succeeded)) return null;
    const parts = [...this.#scripts].map(
      ([file, { script, stamp }]) => [file, { stamp, data: script.createCachedData() }] as const,
    );
    return { parts: new Map(parts), ran, succeeded };
  }
}
