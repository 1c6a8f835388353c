import { CATALOG, type Code } from '../errors/catalog.ts';
import { type Problem, whereOf } from '../errors/problem.ts';
import { hintForOtherHost } from '../executors/on-host.ts';
import { executorFor } from '../executors/table.ts';
import { besides, firstFew } from '../platform/listing.ts';
import { ENVIRONMENT_FILE } from '../project/environment.ts';
import type { ProjectRead } from '../project/read.ts';
import { reviewVerdict } from '../project/review.ts';
import type { OpenTask } from '../records/manifest-schema.ts';
import type { Objection } from '../run/objection.ts';
import type { Look } from './look.ts';
import type { CodeLook } from './look-at-code.ts';
import { snapshotObjections } from './snapshot.ts';

/** From what was read to everything against a launch. Pure. */

export interface Allowances {
  /** Launch even if tasks of the launch are open. */
  readonly openTodo: boolean;
}

export function objectionsTo(look: Look, allowed: Allowances): readonly Objection[] {
  const { project, profile, host, detection, gitMode, caller } = look;
  return [
    ...project.failedCodes.map((code) => ({ code, message: documentMessage(code, project) })),
    ...(project.review === null ? [] : reviewVerdict(project.review)),
    ...(detection.failure === null ? [] : [detection.failure]),
    ...hostObjections(look),
    ...(allowed.openTodo ? [] : todoObjections(look.openTodo)),
    ...look.stale,
    ...look.code.objections,
    ...snapshotObjections(look),
    ...(project.config.require_clean_tree ? cleanTreeObjections(look.code) : []),
    ...('code' in profile ? [profile] : []),
    ...host.objections,
    ...profileObjections(look),
    ...gitMode,
    ...caller.objections,
  ];
}

/** The problems of all documents, and what the caller's environment would have changed. */
export function problemsOf({ guarded, project, caller }: Look): readonly Problem[] {
  return [...guarded.problems, ...project.problems, ...caller.problems];
}

/** The launch host, if no profile names another one. */
const THIS_HOST = 'this host';

/** The design asks for one executor, and the host has another. */
function hostObjections({ project, remote, host, detection }: Look): readonly Objection[] {
  const { mode, reason, overruled_by: overruled } = detection.record;
  const location = project.design?.compute.location;
  if (mode === null || location === undefined || location === mode) return [];
  const executor = executorFor(location);
  const hostName = remote?.login_host ?? THIS_HOST;
  const unreachable =
    overruled === null
      ? executor.seemsUnreachable({ hostName, isThisHost: remote === null, has: mode, reason, signs: host.signs })
      : null;
  return [
    unreachable ?? {
      code: 'host.conflict',
      message: `The design says compute.location: ${location}, but ${hostName} is ${mode} (${reason}).`,
      hint: hintForOtherHost(location, mode),
    },
  ];
}

function todoObjections(open: readonly OpenTask[]): readonly Objection[] {
  if (open.length === 0) return [];
  const names = open.map((task) => task.task_id).join(', ');
  return [{ code: 'todo.open', message: `${open.length} task(s) mapped to launch are open: ${names}.` }];
}

function cleanTreeObjections({ lookup, changed }: CodeLook): readonly Objection[] {
  if (lookup.kind === 'none') {
    const message = `launch.yaml asks for a clean git work tree, and this is not one: ${lookup.reason}.`;
    return [{ code: 'git.required', message }];
  }
  if (changed === null || changed.length === 0) return [];
  return [{ code: 'git.dirty', message: `The work tree has uncommitted changes: ${firstFew(changed, 5)}.` }];
}

function profileObjections({ project, profile, remote }: Look): readonly Objection[] {
  const location = project.design?.compute.location;
  if (remote === null || 'code' in profile || location === undefined || executorFor(location).usesProfiles) return [];
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
  return `${whereOf(first)}: ${first.message}${besides(others.length)}.`;
}

function codeOfFile({ file, code }: Problem): Code {
  if (code === 'design.id_mismatch') return code;
  if (file.endsWith('/design.yaml')) return 'design.invalid';
  if (file.endsWith('/review_result.json')) return 'review.missing';
  return file === ENVIRONMENT_FILE ? 'environment.invalid' : 'config.invalid';
}
