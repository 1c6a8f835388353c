import { join, resolve } from 'node:path';
import { problemOfFile } from '../documents/located.ts';
import { readSource } from '../documents/source.ts';
import type { Problem } from '../errors/problem.ts';
import { exists } from '../platform/files.ts';
import type { Design } from '../project/design.ts';
import { entrypointScript } from '../project/entrypoint-script.ts';
import { activationFor, ENVIRONMENT_FILE, HOW_TO_WRITE, parseEnvironment } from '../project/environment.ts';

/** What is missing before a new experiment can be reviewed. */
export interface Lack {
  /** The stage that brings it. */
  readonly stage: 'design' | 'implementation';
  /** A warning: the experiment is made all the same. */
  readonly problem: Problem;
  /** What to do, without a full stop. */
  readonly advice: string;
}

/** The same, and what the environment lacks. */
export function lacksOf(root: string, design: Design | null, location: string, file: string): readonly Lack[] {
  return [...commandLacks(root, design, file), ...environmentLacks(root, location)];
}

function lack(stage: Lack['stage'], file: string, pointer: string | null, message: string, advice: string): Lack {
  return { stage, advice, problem: { ...problemOfFile(file, 'value.missing', message), pointer, severity: 'warning' } };
}

/** `design`: null if it has no command yet. */
export function commandLacks(root: string, design: Design | null, file: string): readonly Lack[] {
  if (design === null) {
    const message = 'the design has no command yet';
    return [lack('design', file, '/entrypoint', message, `Write the entrypoint into ${file}`)];
  }
  const { entrypoint } = design;
  const script = entrypoint.kind === 'module' ? null : entrypointScript(entrypoint.argv);
  if (script === null || exists(resolve(root, script))) return [];
  const message = `the command names ${script}, and there is no such file; paths are relative to ${root}`;
  return [lack('implementation', file, '/entrypoint', message, `Write ${script}`)];
}

function environmentLacks(root: string, location: string): readonly Lack[] {
  const source = readSource(root, ENVIRONMENT_FILE);
  const environment = source.text === null ? null : parseEnvironment(source.text, ENVIRONMENT_FILE).value;
  if (environment !== null && activationFor(environment, location) !== null) return [];
  const what = exists(join(root, ENVIRONMENT_FILE)) ? `has no activation for ${location}` : 'is missing';
  const message = `${ENVIRONMENT_FILE} ${what}; ${HOW_TO_WRITE}`;
  return [lack('implementation', ENVIRONMENT_FILE, null, message, `Write the activation into ${ENVIRONMENT_FILE}`)];
}
