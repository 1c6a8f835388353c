import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './project.ts';

/** The named places at which the program can be killed: see src/platform/crash-points.ts. */

export interface CrashLog {
  readonly env: Readonly<Record<string, string>>;
  /** The places that a program passed, each once, in order. */
  readonly of: (program: 'autolab.js' | 'supervisor.js') => readonly string[];
}

/** A log for `AUTOLAB_CRASH_LOG`. Read `of` before the test ends: the file goes with it. */
export function crashLog(): CrashLog {
  const path = join(temporaryFolder(), 'passed');
  return {
    env: { AUTOLAB_CRASH_LOG: path },
    of: (program) => {
      const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
      const names = lines
        .filter((line) => line.startsWith(`${program} `))
        .map((line) => line.slice(program.length + 1));
      return [...new Set(names)];
    },
  };
}

/** What comes after a place was passed for the first time. */
export function after(places: readonly string[], first: string): readonly string[] {
  if (!places.includes(first)) throw new Error(`no place is called ${first}: ${places.join(' ')}`);
  return places.slice(places.indexOf(first) + 1);
}
