import { join } from 'node:path';
import { beginLook, type BegunLook } from '../code/find.ts';
import type { HostDetection } from '../executors/detect-host.ts';
import type { CallerFacts, Executor, StartInputs } from '../executors/executor.ts';
import { EXECUTORS } from '../executors/table.ts';
import { exists } from '../platform/files.ts';
import type { Approved } from '../project/approved.ts';
import type { Profile } from '../project/profiles.ts';
import { PROFILES_FILE } from '../project/profiles.ts';
import { designFileOf, type LaunchOf, type ProjectRead, readProject } from '../project/read.ts';
import type { State } from '../project/state.ts';
import { openLaunchTasks } from '../project/todo.ts';
import type { OpenTask } from '../records/manifest-schema.ts';
import type { Objection } from '../run/objection.ts';
import { projectSetup } from '../sites/host-setup.ts';
import { sshTransportTo } from '../sites/ssh/connect.ts';
import { localTransport } from '../transports/local.ts';
import { digestsToApprove, staleObjections } from './approval.ts';
import { gitModeObjections } from './git-mode.ts';
import type { Guarded } from './guard.ts';
import { approvableInputs, type InputsDepth, type InputsLook, lookAtInputs } from './inputs/look.ts';
import { type BegunLooks, detectionOf, type HostLook, lookAtLaunchHost, lookHere } from './launch-host.ts';
import { type CodeLook, lookAtCode } from './look-at-code.ts';
import { chooseProfile, type ChosenProfile } from './profile.ts';
import { signatureObjections } from './signature.ts';
import { lookAtTasks, type TasksLook } from './tasks.ts';

/**
 * Everything that is read before a launch is judged: the documents, the launch host, the work tree, the caller's
 * environment. Reads only; what it means is said by `objectionsTo`, for a launch, a dry run and a rendered prompt alike.
 */
export interface Look {
  readonly guarded: Guarded;
  readonly project: ProjectRead;
  /** The profile of the launch, or why there is none. */
  readonly profile: ChosenProfile | Objection;
  /** The profile, if the launch host is another one. */
  readonly remote: Profile | null;
  /** Setup commands of this host; null if its commands need none to be found. */
  readonly setup: string | null;
  readonly openTodo: readonly OpenTask[];
  readonly host: HostLook;
  readonly detection: HostDetection;
  /** What the host has; null if that could not be detected. */
  readonly executor: Executor | null;
  /** What the design asks for; null if that cannot be read. */
  readonly wanted: Executor | null;
  /** Whether this is the launch host: unknown if a profile may name another one, and cannot be read. */
  readonly isLaunchHost: boolean;
  readonly code: CodeLook;
  readonly inputs: InputsLook;
  readonly tasks: TasksLook;
  /** What git would not carry, if the profile sends a commit. */
  readonly gitMode: readonly Objection[];
  /** What an approval would be given to now; code and commit only as far as they were looked at. */
  readonly approvable: Approved;
  /** Why the review's approval does not hold any more. */
  readonly stale: readonly Objection[];
  /** Why the review's signature does not count. */
  readonly unsigned: readonly Objection[];
  readonly caller: CallerFacts;
}

const NOTHING: CallerFacts = { unused: [], problems: [], objections: [] };

/** How much is read that takes time. */
export interface LookDepth {
  readonly readCode?: boolean;
  /** Data inputs are digested only for a launch and its approval; left out: their names. */
  readonly inputs?: InputsDepth;
  /** Of the run that is to be. */
  readonly runFolder?: string;
  /** Called once the documents are read and without errors, and the design says how it is executed. */
  readonly onExecutor?: (wanted: Executor, inputs: StartInputs) => void;
}

export async function lookForLaunch(
  root: string,
  guarded: Guarded,
  wantedProfile: string | null,
  begun: BegunLooks & LookDepth = {},
): Promise<Look> {
  const { state } = guarded;
  // If no profile can name another host, and none needs a setup, the probes run while the documents are read.
  const plain = !exists(join(root, PROFILES_FILE)) && projectSetup(root) === null;
  const here = begun.here ?? (plain ? lookHere(root, null) : null);
  const askedOfGit = beginLook(root);
  const project = readProject(root, state, launchWith(wantedProfile));
  const wanted = executorNamed(project.draft?.compute.location);
  const profile = chooseProfile(project, wantedProfile, wanted);
  const usesProfile = wantedProfile !== null || wanted?.usesProfiles === true;
  const remote = 'code' in profile ? null : profile.remote;
  if (remote === null) tellExecutor(project, wanted, begun.onExecutor);
  const setup = setupOf(project, profile, wanted);
  const [host, code, unsigned] = await Promise.all([
    lookAtLaunchHost({ root, stateSha256: guarded.stateSha256 }, remote, setup, { ...begun, here }),
    lookAtCodeFor(root, project, { remote, always: begun.readCode === true, begun: askedOfGit }),
    signatureObjections(root, state.iteration_id, project.review, project.config),
  ]);
  const detection = detectionOf(host, project.config.host_mode);
  const executor = executorNamed(detection.record.mode);
  const inputs = await lookAtInputs({
    ...{ root, project, remote, reached: host.reached && host.objections.length === 0 },
    ...{ depth: begun.inputs, runFolder: begun.runFolder, stage: state.stage },
  });
  const tasks = lookAtTasks(project);
  const gitMode = sendsCommit(remote) ? await gitModeObjections(root, code) : [];
  const approvable = {
    ...approvableNow(project, code, { designFile: designFileOf(state.iteration_id), tasks }),
    inputs: approvableInputs(inputs, project.review?.approved ?? null),
  };
  const stale = await staleObjectionsTo(root, project, code, approvable, designFileOf(state.iteration_id));
  const caller = await callerFacts(root, project, { executor, wanted, remote, setup, host });
  const openTodo = project.todo === null ? [] : openLaunchTasks(project.todo);
  return {
    guarded,
    project,
    profile,
    remote,
    setup,
    openTodo,
    host,
    detection,
    executor,
    wanted,
    isLaunchHost: knowsHost(project, profile, usesProfile),
    code,
    inputs,
    tasks,
    gitMode,
    approvable,
    stale,
    unsigned,
    caller,
  };
}

function tellExecutor(project: ProjectRead, wanted: Executor | null, tell: LookDepth['onExecutor']): void {
  const { design, config, problems } = project;
  if (wanted !== null && design !== null && !problems.some(({ severity }) => severity === 'error'))
    tell?.(wanted, { config, design });
}

/** Asked only of the executor that the run would have. */
async function callerFacts(
  root: string,
  { config, design }: ProjectRead,
  { executor, wanted, remote, setup, host }: Pick<Look, 'executor' | 'wanted' | 'remote' | 'setup' | 'host'>,
): Promise<CallerFacts> {
  if (executor === null || executor !== wanted || !host.reached || design === null) return NOTHING;
  const where = callerOf(root, remote, setup);
  return executor.look({ ...where, removed: host.removed, config, design, file: designFileOf(design.iteration_id) });
}

/** What a launch with a profile uses of the documents. */
export function launchWith(profile: string | null): LaunchOf {
  return { profile, usesProfiles: (location) => executorNamed(location)?.usesProfiles === true };
}

/** False if a profile may name another host, and cannot be read. */
function knowsHost({ problems }: ProjectRead, profile: ChosenProfile | Objection, usesProfile: boolean): boolean {
  if ('code' in profile) return false;
  return !usesProfile || !problems.some(({ file, severity }) => file === PROFILES_FILE && severity === 'error');
}

/** The files are read only if it matters before the claim what of them is in a commit. */
function lookAtCodeFor(
  root: string,
  { config, review }: ProjectRead,
  { remote, always, begun }: { readonly remote: Profile | null; readonly always: boolean; readonly begun: BegunLook },
): Promise<CodeLook> {
  const approved = (review?.approved?.code ?? null) !== null;
  return lookAtCode(root, config.code, always || config.require_clean_tree || approved || sendsCommit(remote), begun);
}

function sendsCommit(remote: Profile | null): boolean {
  return remote?.mode === 'git';
}

/** What an approval would be given to at this moment, but for the data; the launch host is not asked. */
export async function lookAtApprovable(root: string, state: State): Promise<Pick<Look, 'approvable' | 'code'>> {
  const project = readProject(root, state);
  const code = await lookAtCode(root, project.config.code, true);
  const there = { designFile: designFileOf(state.iteration_id), tasks: lookAtTasks(project) };
  return { approvable: approvableNow(project, code, there), code };
}

function approvableNow(
  { digests }: ProjectRead,
  { lookup, listing }: CodeLook,
  { designFile, tasks }: { readonly designFile: string; readonly tasks: TasksLook },
): Approved {
  const commit = lookup.kind === 'git' ? lookup.repositories[0].sha : null;
  return { ...digestsToApprove({ digests, designFile }, listing, commit), tasks: tasks.sha256 };
}

async function staleObjectionsTo(
  root: string,
  { review }: ProjectRead,
  { lookup, listing }: CodeLook,
  there: Approved,
  file: string,
): Promise<readonly Objection[]> {
  const approved = review?.approved ?? null;
  if (approved === null || lookup.kind === 'failed' || lookup.kind === 'unfit') return [];
  const found = lookup.kind === 'git' ? lookup : null;
  return staleObjections(approved, there, { root, found, listing }, file);
}

/** Where commands are run, and the variables that change them; those of another host are not ours to read. */
function callerOf(root: string, remote: Profile | null, setup: string | null) {
  return remote === null
    ? { transport: localTransport(root, setup), values: process.env }
    : { transport: sshTransportTo(remote), values: null };
}

function executorNamed(kind: string | null | undefined): Executor | null {
  return EXECUTORS.get(kind ?? '') ?? null;
}

/** The profile's, else those of launch.yaml. A run that needs nothing of the host but itself needs none. */
function setupOf(project: ProjectRead, profile: ChosenProfile | Objection, wanted: Executor | null): string | null {
  if ('code' in profile || profile.remote !== null || wanted?.usesProfiles !== true) return null;
  return profile.setup ?? project.config.setup;
}
