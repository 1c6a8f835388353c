import { relative, resolve } from 'node:path';
import { quotePosix } from '../../platform/quoting.ts';
import { type Example, initProject } from '../../project/init.ts';
import { oneOf, text } from '../check-options.ts';
import { resultOfFailure, succeed, type VerbResult } from '../result.ts';
import type { Verb } from '../verb.ts';

export interface InitOptions {
  /** The folder to create a project in; it is made if it does not exist. Default: the current folder. */
  readonly directory?: string;
  /** Add an approved experiment that can be launched at once. Default: null, none. */
  readonly example?: Example | null;
}

export interface InitResult extends VerbResult {
  /** The new project, absolute. */
  readonly root?: string;
  /** The files that were made, relative to `root`. */
  readonly created?: readonly string[];
  /** Files of yours to which lines were appended: `.gitignore`. */
  readonly extended?: readonly string[];
}

/** Needs no project: it makes one, and never overwrites anything. */
export const init: Verb<InitOptions, null> = {
  name: 'init',
  options: { directory: text, example: oneOf('local', 'slurm', null) },
  perform: (_place, { directory = '.', example = null }) => {
    const root = resolve(directory);
    const made = initProject(root, { example });
    if (!made.ok) return resultOfFailure('init', made.failure);
    const { created, extended } = made.value;
    const hint =
      example === null
        ? 'Design an experiment under experiments/, or see one: autolab init DIR --example local'
        : `Launch it: ${enter(root)}autolab launch`;
    const more = extended.map((path) => `, lines appended to ${path}`).join('');
    const message = `Created a project in ${root} (${created.length} files${more}).`;
    return succeed('init', { message, hint }, { details: { root, created, extended } satisfies Partial<InitResult> });
  },
};

/** The command that goes to the project, if it is not here. */
function enter(root: string): string {
  const path = relative('.', root);
  if (path === '') return '';
  return `cd ${quotePosix(path.startsWith('..') ? root : path)} && `;
}
