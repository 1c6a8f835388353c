import { CATALOG, type Code } from '../errors/catalog.ts';
import { type Problem, whereOf } from '../errors/problem.ts';
import type { Design } from '../project/design.ts';
import { ENVIRONMENT_FILE } from '../project/environment.ts';
import type { Profile } from '../project/profiles.ts';
import type { ProjectRead } from '../project/read.ts';
import { reviewVerdict } from '../project/review.ts';
import type { WorkTreeLookup } from '../records/code/commit.ts';
import type { OpenTask, ResourceRequest } from '../records/manifest-schema.ts';
import type { Objection } from '../run/objection.ts';
import type { HostDetection } from './detect-host.ts';

/** From what was read to what speaks against a launch. Pure. */

export interface GateFacts {
  readonly detection: HostDetection;
  /** The launch host, for a person. */
  readonly hostName: string;
  /** That the launch host belongs to a Slurm site. */
  readonly signs: readonly string[];
  readonly openTodo: readonly OpenTask[];
  readonly allowOpenTodo: boolean;
  readonly workTree: WorkTreeLookup | null;
}

export function projectObjections(project: ProjectRead, facts: GateFacts): Objection[] {
  const objections: Objection[] = project.failedCodes.map((code) => ({
    code,
    message: documentMessage(code, project),
  }));
  if (project.review !== null) objections.push(...reviewVerdict(project.review));
  if (facts.detection.failure !== null) objections.push(facts.detection.failure);
  const mode = facts.detection.record.mode;
  const location = project.design?.compute.location;
  if (mode !== null && location !== undefined && location !== mode)
    objections.push(
      notOnPath(location, facts) ??
        conflict(location, `${facts.hostName} is ${mode} (${facts.detection.record.reason})`),
    );
  if (facts.openTodo.length > 0 && !facts.allowOpenTodo) {
    const names = facts.openTodo.map((task) => task.task_id).join(', ');
    objections.push({
      code: 'todo.open',
      message: `${facts.openTodo.length} task(s) mapped to launch are open: ${names}.`,
    });
  }
  if (facts.workTree?.kind === 'none')
    objections.push({
      code: 'git.required',
      message: `launch.yaml asks for a clean git work tree, and this is none: ${facts.workTree.reason}.`,
    });
  if (facts.workTree?.kind === 'git' && facts.workTree.tree.dirty.length > 0) {
    const { dirty } = facts.workTree.tree;
    const more = dirty.length > 5 ? ` and ${dirty.length - 5} more` : '';
    objections.push({
      code: 'git.dirty',
      message: `The work tree has uncommitted changes: ${dirty.slice(0, 5).join(', ')}${more}.`,
    });
  }
  return objections;
}

/** The first problem speaks for its document; all of them are listed beside. */
function documentMessage(code: Code, project: ProjectRead): string {
  const mine = project.problems.filter((problem) => problem.severity === 'error' && codeOfFile(problem) === code);
  const [first, ...others] = mine;
  if (first === undefined) return CATALOG[code].summary;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return `${whereOf(first)}: ${first.message}${more}.`;
}

function codeOfFile({ file, code }: Problem): Code {
  if (code === 'design.id_mismatch') return code;
  if (file.endsWith('/design.yaml')) return 'design.invalid';
  if (file.endsWith('/review_result.json')) return 'review.missing';
  return file === ENVIRONMENT_FILE ? 'environment.invalid' : 'config.invalid';
}

const NO_PROFILE: ChosenProfile = { name: null, python: 'python3', scratch: null, setup: null, remote: null };

export interface ChosenProfile {
  readonly name: string | null;
  readonly python: string;
  readonly scratch: string | null;
  readonly setup: string | null;
  /** The profile, where the launch host is another one. */
  readonly remote: Profile | null;
}

/** `--profile`, else the default one where the design says slurm, else this host as it is. */
export function chooseProfile(project: ProjectRead, wanted: string | null): ChosenProfile | Objection {
  const { profiles, default_profile: fallback } = project.profiles;
  const name = wanted ?? (project.design?.compute.location === 'slurm' ? fallback : null);
  if (name === null) return NO_PROFILE;
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (profile === undefined) {
    const known = Object.keys(profiles).join(', ') || 'none';
    return {
      code: 'config.invalid',
      message: `There is no profile ${JSON.stringify(name)} in .autolab/remote_profiles.yaml (it has: ${known}).`,
    };
  }
  return {
    name,
    python: profile.python ?? NO_PROFILE.python,
    scratch: profile.scratch,
    setup: profile.setup,
    remote: profile.login_host === null ? null : profile,
  };
}

/** Returns null if nothing but the design says that there should be a Slurm, or launch.yaml says that there is none. */
function notOnPath(location: string, { detection, hostName, signs }: GateFacts): Objection | null {
  const { reason, overruled_by: overruled } = detection.record;
  if (location !== 'slurm' || overruled !== null || signs.length === 0) return null;
  const here = hostName === THIS_HOST;
  const setup = here ? '.autolab/launch.yaml' : 'the profile';
  const load = here ? 'Load them and launch again: `module load slurm`? Or name' : 'Name';
  return {
    code: 'host.not_on_path',
    message: `The design says compute.location: slurm, and Slurm's commands cannot be used on ${hostName} (${reason}), although it looks like a Slurm site: ${signs.join(', ')}.`,
    hint: `${load} the command in \`setup\` of ${setup}, such as \`module load slurm\`. If that host has no Slurm: launch from a login node, or set compute.location: local in the design (and have it reviewed).`,
  };
}

/** The launch host, if no profile names another one. */
export const THIS_HOST = 'this host';

/** Setup commands of this host: the profile's, else those of launch.yaml. Only a run on Slurm needs them. */
export function setupOf(project: ProjectRead, profile: ChosenProfile | Objection): string | null {
  if ('code' in profile || profile.remote !== null || project.design?.compute.location !== 'slurm') return null;
  return profile.setup ?? project.config.setup;
}

function conflict(location: string, host: string): Objection {
  const mend =
    location === 'slurm'
      ? 'Launch from a Slurm login node, or set compute.location: local in the design (and have it reviewed).'
      : "Set compute.location: slurm in the design (and have it reviewed); or, if this machine only has Slurm's client tools, set host_mode: local in .autolab/launch.yaml.";
  return {
    code: 'host.conflict',
    message: `The design says compute.location: ${location}, but ${host}.`,
    hint: mend,
  };
}

/** What the design asked for. What it does not give is left out, the numbers and switches of the first designs aside. */
export function resourceRequestOf({ compute }: Design): ResourceRequest {
  const { location, time_seconds, memory_mb, cpus, gpu_count, nodes, ntasks, nice, requeue, ...rest } = compute;
  const { exclusive, sbatch_options: passed, ...others } = rest;
  const words = passed.map(({ name, value }) => `--${name}${value === null ? '' : `=${value}`}`);
  return {
    ...{ location, time_seconds, memory_mb, cpus, gpu_count, nodes, ntasks, nice, requeue },
    ...given(others),
    ...(exclusive === false ? {} : { exclusive }),
    ...(words.length === 0 ? {} : { sbatch_options: words }),
  };
}

type Given<T> = { readonly [Key in keyof T]?: NonNullable<T[Key]> };

function given<T extends object>(values: T): Given<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as Given<T>;
}
