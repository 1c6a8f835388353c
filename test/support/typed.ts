import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROGRAM } from './autolab.ts';
import { type Ended, type RunOptions, startProgram } from './autolab.ts';
import { temporaryFolder } from './project.ts';

/** A line that autolab printed, typed into a shell by a user who fills in what is in capitals. */

const FILLED: Readonly<Record<string, string>> = {
  WHO: 'ada',
  TEXT: "'looked at it'",
  WHY: "'looked at it'",
  ID: 'e9',
};

export function filledIn(line: string, words: Readonly<Record<string, string>> = FILLED): string {
  return line.replaceAll(/\b[A-Z]{2,}\b/g, (word) => words[word] ?? word);
}

/** `autolab` is on PATH, as after its installation. */
export async function typeLine(root: string, line: string, options: RunOptions = {}): Promise<Ended> {
  const folder = temporaryFolder();
  const program = join(folder, 'autolab');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`);
  chmodSync(program, 0o755);
  const env = { ...options.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` };
  return startProgram(['bash', '-c', line], root, { ...options, env }).ended;
}
