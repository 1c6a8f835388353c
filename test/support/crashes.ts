import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { autolab } from './autolab.ts';
import { temporaryFolder } from './project.ts';

/** The named places at which the program can be killed: see src/platform/crash-points.ts. */

export interface CrashLog {
  readonly env: Readonly<Record<string, string>>;
  /** The places that a program passed, each once, in order; later passes of those that `again` names as `PLACE#2`. */
  readonly of: (program: 'autolab.js' | 'supervisor.js', again?: RegExp) => readonly string[];
}

/** A log for `AUTOLAB_CRASH_LOG`. Read `of` before the test ends: the file goes with it. */
export function crashLog(): CrashLog {
  const path = join(temporaryFolder(), 'passed');
  return {
    env: { AUTOLAB_CRASH_LOG: path },
    of: (program, again) => {
      const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
      const names = lines
        .filter((line) => line.startsWith(`${program} `))
        .map((line) => line.slice(program.length + 1));
      const passes = new Map<string, number>();
      const counted = names.map((name) => {
        const pass = (passes.get(name) ?? 0) + 1;
        passes.set(name, pass);
        return pass === 1 || again?.test(name) !== true ? name : `${name}#${pass}`;
      });
      return [...new Set(counted)];
    },
  };
}

/** What comes after a place was passed for the first time. */
export function after(places: readonly string[], first: string): readonly string[] {
  if (!places.includes(first)) throw new Error(`no place is called ${first}: ${places.join(' ')}`);
  return places.slice(places.indexOf(first) + 1);
}

/** Once passed, the run is over: what comes after it is the program's own tidying up. */
const CLOSED = 'close.claim_cleared';

/** The places at which the run is over already. */
export function closedPlaces(places: readonly string[]): readonly string[] {
  return [CLOSED, ...after(places, CLOSED)];
}

/** The places that `words` passes in a project, its supervisor's aside. */
export async function placesOf(
  root: string,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
  again?: RegExp,
): Promise<readonly string[]> {
  const log = crashLog();
  await autolab(root, words, { env: { ...env, ...log.env } });
  return log.of('autolab.js', again);
}

/** Before a line and before a rename the disk is as after the act before: the main test goes there too, the others do not. */
export function durable(places: readonly string[]): readonly string[] {
  return places.filter((place) => !/\.(before|temporary)$|^manifest\.written$/.test(place));
}

/** Kills the program at a place. That it died there and nowhere else is part of the test. */
export async function killedAt(root: string, place: string, words: readonly string[]): Promise<void> {
  const ended = await autolab(root, words, { env: { AUTOLAB_CRASH_AT: place } });
  expect(`${place}: ${String(ended.signal)}`, ended.stderr + ended.stdout).toBe(`${place}: SIGKILL`);
}
