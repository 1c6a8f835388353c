import { join, relative, resolve } from 'node:path';
import { judgeProbes, probeHost } from '../../executors/detect-host.ts';
import { executorFor } from '../../executors/table.ts';
import { exists } from '../../platform/files.ts';
import { packageInfo } from '../../platform/package.ts';
import { quotePosix } from '../../platform/quoting.ts';
import { lookForEnvironment } from '../../project/environment-proposal/look-for-environment.ts';
import { proposeActivation } from '../../project/environment-proposal/propose-activation.ts';
import { triedActivation } from '../../project/environment-proposal/try-activation.ts';
import { type Example, HOST_OF_EXAMPLE, type InitChoices, initProject, SCRIPT } from '../../project/init.ts';
import { localTransport } from '../../transports/local.ts';
import { flag, oneOf, text } from '../check-options.ts';
import { firstStep, readOwnEnvironment, wordsOfEnvironment, wordsOfPlace } from '../init-words.ts';
import { type CommandResult, resultOfFailure, type ResultParts, succeed, type VerbResult } from '../result.ts';
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
  /** The activation that fits what was found in the repository and in the shell; null for an example. */
  readonly proposal?: InitProposal | null;
}

export interface InitProposal {
  /** The lines for the block "Activation" of docs/environment.md. */
  readonly activation: string;
  /** What they were read from; empty if they activate nothing. */
  readonly from: readonly string[];
}

/** Needs no project: it makes one, and never overwrites anything. */
export const init: Verb<InitOptions, null> = {
  name: 'init',
  options: { directory: text, example: oneOf('local', 'slurm', 'sweep', null), withScripts: flag },
  perform: async (_place, { directory = '.', example = null, withScripts = false }) => {
    const root = resolve(directory);
    const scripts = withScripts
      ? { script: [process.execPath, join(packageInfo().folder, 'bin/autolab.js')] as const }
      : {};
    if (example !== null) return makeExample(root, example, scripts);
    return withScripts && exists(join(root, '.autolab')) ? addScript(root, scripts) : makeProject(root, scripts);
  },
};

type Scripts = Pick<InitChoices, 'script'>;

async function makeProject(root: string, scripts: Scripts): Promise<CommandResult> {
  const { proposal, words, hint } = await lookAround(root);
  const made = initProject(root, { example: null, activation: proposal.activation, ...scripts });
  if (!made.ok) return resultOfFailure('init', made.failure);
  const message = `${newProject(root, made.value)}${words}${wordsOfPlace(root)}`;
  return succeed('init', { message, hint: hint(enter(root)) }, detailsOf(root, made.value, proposal));
}

async function makeExample(root: string, example: Example, scripts: Scripts): Promise<CommandResult> {
  const host = HOST_OF_EXAMPLE[example];
  const hostMode = (await seemsAnother(host)) ? host : null;
  const made = initProject(root, { example, hostMode, ...scripts });
  if (!made.ok) return resultOfFailure('init', made.failure);
  const settings =
    hostMode === null ? '' : ` This host has Slurm's commands: .autolab/launch.yaml says host_mode: ${hostMode}.`;
  const message = `${newProject(root, made.value)}${settings}`;
  const hint = `Launch it: ${enter(root)}autolab launch`;
  return succeed('init', { message, hint }, detailsOf(root, made.value, null));
}

/** To a project that is there. */
function addScript(root: string, scripts: Scripts): CommandResult {
  const made = initProject(root, { example: null, ...scripts });
  if (!made.ok) return resultOfFailure('init', made.failure);
  return succeed('init', { message: added(root, made.value.created), hint: '' }, detailsOf(root, made.value, null));
}

type MadeFiles = Required<Pick<InitResult, 'created' | 'extended'>>;

function detailsOf(root: string, { created, extended }: MadeFiles, proposal: InitProposal | null): ResultParts {
  return { details: { root, created, extended, proposal } satisfies Partial<InitResult> };
}

interface LookedAround {
  readonly proposal: InitProposal;
  /** What was found of an environment. */
  readonly words: string;
  /** What to type next; `enterFolder`: the command that goes to the project. */
  readonly hint: (enterFolder: string) => string;
}

/** Before the project is made: a docs/environment.md that is there is the user's. */
async function lookAround(root: string): Promise<LookedAround> {
  const found = await lookForEnvironment(root);
  const own = exists(root) ? readOwnEnvironment(root) : null;
  const proposed = await triedActivation(root, proposeActivation(found));
  const { activation, from } = proposed;
  return {
    proposal: { activation, from },
    words: wordsOfEnvironment(proposed, own),
    hint: (enterFolder) => firstStep(enterFolder, found, own, (id) => exists(join(root, 'experiments', id))),
  };
}

/** As a launch would find it: the example that every host can run must do so on a login node, too. */
async function seemsAnother(kind: 'local' | 'slurm'): Promise<boolean> {
  if (Object.keys(executorFor(kind).hostProbes).length > 0) return false;
  const { mode } = judgeProbes(await probeHost(localTransport('.')), 'auto').record;
  return mode !== null && mode !== kind;
}

function newProject(root: string, { created, extended }: MadeFiles): string {
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
