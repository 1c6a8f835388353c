import { problemOfFile } from '../documents/located.ts';
import { pointerOf } from '../documents/pointer.ts';
import { CATALOG, type Code } from '../errors/catalog.ts';
import { type Problem, whereOf } from '../errors/problem.ts';
import { hintForOtherHost } from '../executors/on-host.ts';
import { besides, firstFew } from '../platform/listing.ts';
import { quotePosix } from '../platform/quoting.ts';
import { sentence } from '../platform/sentence.ts';
import { ENVIRONMENT_FILE } from '../project/environment.ts';
import { whyNotOther } from '../project/identity.ts';
import { designFileOf, type ProjectRead, reviewFileOf } from '../project/read.ts';
import { reviewVerdict } from '../project/review.ts';
import { taskFileEnd } from '../project/tasks/task-file-path.ts';
import { TODO_FILE } from '../project/todo.ts';
import type { Objection } from '../run/objection.ts';
import { unseenInputs } from './inputs/unseen.ts';
import type { Look } from './look.ts';
import type { CodeLook } from './look-at-code.ts';
import { placed } from './placed.ts';
import { snapshotLinks, snapshotObjections } from './snapshot.ts';

/** From what was read to everything against a launch. Pure. */

export interface Allowances {
  /** Launch even if tasks of the launch are open. */
  readonly openTodo: boolean;
}

export function objectionsTo(look: Look, allowed: Allowances): readonly Objection[] {
  const { project, profile, host, gitMode, caller, isLaunchHost } = look;
  return [
    ...project.failedCodes.map((code) => ({ code, message: documentMessage(code, project) })),
    ...reviewObjections(look),
    ...(isLaunchHost ? [...detectionObjections(look), ...hostObjections(look)] : []),
    ...(allowed.openTodo ? [] : todoObjections(look)),
    ...look.stale,
    ...look.unsigned,
    ...look.code.objections,
    ...snapshotObjections(look),
    ...look.inputs.objections,
    ...unseenInputs(look.inputs, look, snapshotLinks(look)),
    ...(project.config.require_clean_tree ? cleanTreeObjections(look.code) : []),
    ...('code' in profile ? [profile] : []),
    ...(isLaunchHost ? host.objections : []),
    ...profileObjections(look),
    ...gitMode,
    ...caller.objections,
  ];
}

/** The problems of all documents, what the caller's environment would have changed, and the places of the objections. */
export function problemsOf({ guarded, project, caller }: Look, objections: readonly Objection[]): readonly Problem[] {
  const ofObjections = objections.flatMap(({ problems = [] }) => problems);
  return [...guarded.problems, ...project.problems, ...ofObjections, ...caller.problems];
}

function reviewObjections({ guarded, project }: Look): readonly Objection[] {
  if (project.review === null) return [];
  const file = reviewFileOf(guarded.state.iteration_id);
  return [...reviewVerdict(project.review), ...fourEyes(project)].map((reason) => placed(project, file, reason));
}

/** Nobody approves their own work, if launch.yaml says so. */
function fourEyes({ review, config }: ProjectRead): readonly (Omit<Objection, 'problems'> & { pointer: string })[] {
  if (!config.review.four_eyes || review?.status !== 'pass') return [];
  const why = whyNotOther(review.reviewed_by, review.author);
  return why === null ? [] : [{ code: 'review.four_eyes', message: why, pointer: '/reviewed_by' }];
}

function detectionObjections({ detection: { failure } }: Look): readonly Objection[] {
  return failure === null ? [] : [{ code: failure.code, message: failure.message, hint: failure.hint }];
}

/** The launch host, if no profile names another one. */
const THIS_HOST = 'this host';

/** The design asks for one executor, and the host has another. */
function hostObjections({ guarded, project, remote, host, detection, wanted }: Look): readonly Objection[] {
  const { mode, reason, overruled_by: overruled } = detection.record;
  if (mode === null || wanted === null || wanted.kind === mode) return [];
  const location = wanted.kind;
  const hostName = remote?.login_host ?? THIS_HOST;
  const unreachable =
    overruled === null
      ? wanted.seemsUnreachable({ hostName, isThisHost: remote === null, has: mode, reason, signs: host.signs })
      : null;
  if (unreachable !== null) return [unreachable];
  const message = `The design says compute.location: ${location}, but ${hostName} is ${mode} (${reason}).`;
  const another = `autolab new ID --from ${quotePosix(guarded.experiment.id)} --on ${mode}`;
  const hint = `${hintForOtherHost(location, mode)} Or make an experiment like it for ${hostName}: ${another}`;
  const conflict = { code: 'host.conflict', message, hint } as const;
  const file = designFileOf(guarded.state.iteration_id);
  return [placed(project, file, { ...conflict, pointer: '/compute/location' })];
}

function todoObjections({ project, openTodo }: Look): readonly Objection[] {
  if (openTodo.length === 0 || project.todo === null) return [];
  const names = openTodo.map((task) => task.task_id);
  const message = `${openTodo.length} task(s) mapped to launch are open: ${names.join(', ')}.`;
  const places = project.todo.focus_tasks.flatMap(({ task_id, open, index }) =>
    open && names.includes(task_id) ? [{ pointer: pointerOf(['focus_tasks', index]), task_id }] : [],
  );
  const problems = places.flatMap(
    ({ pointer, task_id }) =>
      placed(project, TODO_FILE, { code: 'todo.open', message: `the task ${task_id} is open`, pointer }).problems ?? [],
  );
  return [{ code: 'todo.open', message, problems }];
}

function cleanTreeObjections({ lookup, changed }: CodeLook): readonly Objection[] {
  if (lookup.kind === 'none') {
    const message = `launch.yaml asks for a clean git work tree, and this is not one: ${lookup.reason}.`;
    return [{ code: 'git.required', message }];
  }
  if (changed === null || changed.length === 0) return [];
  const message = `The work tree has uncommitted changes: ${firstFew(changed, 5)}.`;
  const problems = changed.slice(0, 5).map((file) => problemOfFile(file, 'git.dirty', 'has uncommitted changes'));
  return [{ code: 'git.dirty', message, problems }];
}

function profileObjections({ profile, remote, wanted }: Look): readonly Objection[] {
  if (remote === null || 'code' in profile || wanted === null || wanted.usesProfiles) return [];
  const location = wanted.kind;
  return [
    {
      code: 'config.invalid',
      message: `The design says compute.location: ${location}, and the profile ${profile.name ?? ''} names another host.`,
      hint: `Omit --profile: a ${location} run runs on this host.`,
    },
  ];
}

/** The first problem is the document's message; all of them are listed as problems. */
function documentMessage(code: Code, project: ProjectRead): string {
  const mine = project.problems.filter((problem) => problem.severity === 'error' && codeOfFile(problem) === code);
  const [first, ...others] = mine;
  if (first === undefined) return CATALOG[code].summary;
  return sentence(`${whereOf(first)}: ${first.message}${besides(others.length)}`);
}

function codeOfFile({ file, code }: Problem): Code {
  if (code === 'design.id_mismatch') return code;
  if (file.endsWith('/design.yaml') || taskFileEnd(file) !== null) return 'design.invalid';
  if (file.endsWith('/review_result.json')) return 'review.missing';
  return file === ENVIRONMENT_FILE ? 'environment.invalid' : 'config.invalid';
}
