import { join, relative, resolve } from 'node:path';
import { judgeProbes, probeHost } from '../../executors/detect-host.ts';
import { executorFor } from '../../executors/table.ts';
import { exists } from '../../platform/files.ts';
import { packageInfo } from '../../platform/package.ts';
import { quotePosix } from '../../platform/quoting.ts';
import { type Example, initProject, SCRIPT } from '../../project/init.ts';
import { localTransport } from '../../transports/local.ts';
import { flag, oneOf, text } from '../check-options.ts';
import { resultOfFailure, succeed, type VerbResult } from '../result.ts';
import type { Verb } from '../verb.ts';

export interface InitOptions {
  /** The folder to create a project in; it is made if it does not exist. Default: the current folder. */
  readonly directory?: string;
  /** Add an approved experiment that can be launched at once. Default: null, none. */
  readonly example?: Example | null;
  /** Also make `scripts/slurm_job_list.py`; a project that is there already gets only that. Default: false. */
  readonly withScripts?: boolean;
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
  options: { directory: text, example: oneOf('local', 'slurm', null), withScripts: flag },
  perform: async (_place, { directory = '.', example = null, withScripts = false }) => {
    const root = resolve(directory);
    const script = [process.execPath, join(packageInfo().folder, 'bin/autolab.js')] as const;
    const isThere = withScripts && example === null && exists(join(root, '.autolab'));
    const hostMode = example !== null && (await seemsAnother(example)) ? example : null;
    const made = initProject(root, { example, hostMode, ...(withScripts ? { script } : {}) });
    if (!made.ok) return resultOfFailure('init', made.failure);
    const { created, extended } = made.value;
    const hint = isThere
      ? ''
      : example === null
        ? 'Design an experiment under experiments/, or see one: autolab init DIR --example local'
        : `Launch it: ${enter(root)}autolab launch`;
    const settings =
      hostMode === null ? '' : ` This host has Slurm's commands: .autolab/launch.yaml says host_mode: ${hostMode}.`;
    const message = isThere ? added(root, created) : `${newProject(root, made.value)}${settings}`;
    return succeed('init', { message, hint }, { details: { root, created, extended } satisfies Partial<InitResult> });
  },
};

/** As a launch would find it: the example that every host can run must do so on a login node, too. */
async function seemsAnother(kind: Example): Promise<boolean> {
  if (Object.keys(executorFor(kind).hostProbes).length > 0) return false;
  const { mode } = judgeProbes(await probeHost(localTransport('.')), 'auto').record;
  return mode !== null && mode !== kind;
}

function newProject(root: string, { created, extended }: Required<Pick<InitResult, 'created' | 'extended'>>): string {
  const more = extended.map((path) => `, lines appended to ${path}`).join('');
  return `Created a project in ${root} (${created.length} files${more}).`;
}

function added(root: string, created: readonly string[]): string {
  const script = created[0];
  return script === undefined ? `${root} has ${SCRIPT} already.` : `Added ${script} to the project in ${root}.`;
}

/** The command that goes to the project, if it is not here. */
function enter(root: string): string {
  const path = relative('.', root);
  if (path === '') return '';
  return `cd ${quotePosix(path.startsWith('..') ? root : path)} && `;
}
