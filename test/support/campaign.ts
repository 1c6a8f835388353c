import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

/**
 * Families of the campaign: test files under test/campaign that try many cases, and count how each of them ended.
 *
 * `npm test` runs each with a few cases, `npm run campaign` with all of them, and makes a table of what was counted. A
 * case that ends as it must not fails its test, so a count is never the only thing that notices.
 */

/** Where each family leaves its counts: scripts/campaign.mjs reads them. */
const OUTPUT = fileURLToPath(new URL('../../.test-output/campaign/', import.meta.url));

export const FULL = process.env['AUTOLAB_CAMPAIGN'] === 'full';

/**
 * Seeds every random choice of the tests: the same ones in every `npm test`, which says whether this version can be released,
 * and new ones in every `npm run campaign`, which looks for what nobody has thought of. `AUTOLAB_TEST_SEED=N` makes those of N.
 */
export const SEED = Number(process.env['AUTOLAB_TEST_SEED'] ?? 1);

/** How many cases: all of them in the campaign, a few in `npm test`. */
export function size(full: number, short: number): number {
  return FULL ? full : short;
}

/** mulberry32: the same seed, the same numbers in [0, 1). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** All of the cases in the campaign; in `npm test` so many of them, spread over the list: others with every seed. */
export function selected<Case>(cases: readonly Case[], short: number): readonly Case[] {
  if (FULL || cases.length <= short) return cases;
  const random = randomFrom(SEED);
  const part = cases.length / short;
  return Array.from({ length: short }, (_, index) => cases[Math.floor((index + random()) * part)] as Case);
}

/** Milliseconds of processor time that this process has taken. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

export interface Family {
  /** Counts a case; `outcome` is what a reader of the table is told, such as `run.completed`. */
  readonly count: (outcome: string) => void;
}

/**
 * Declares the family of a test file, at the top of it.
 *
 * @param name as in the table, such as `crash matrix, local`; unique
 */
export function family(name: string): Family {
  const outcomes: Record<string, number> = {};
  let cases = 0;
  afterAll(() => {
    console.log(`${name}: ${cases} cases, AUTOLAB_TEST_SEED=${SEED}`);
    mkdirSync(OUTPUT, { recursive: true });
    const counted = { name, seed: SEED, cases, outcomes };
    writeFileSync(
      join(OUTPUT, `${name.replaceAll(/[^a-z0-9]+/gi, '-')}.json`),
      `${JSON.stringify(counted, null, 2)}\n`,
    );
  });
  return {
    count: (outcome) => {
      cases += 1;
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    },
  };
}
