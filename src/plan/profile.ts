import type { Executor } from '../executors/executor.ts';
import { type Profile, PROFILES_FILE } from '../project/profiles.ts';
import type { ProjectRead } from '../project/read.ts';
import type { Objection } from '../run/objection.ts';

/** The profile of a launch, from `.autolab/remote_profiles.yaml`. */

const NO_PROFILE: ChosenProfile = { name: null, python: 'python3', scratch: null, setup: null, remote: null };

export interface ChosenProfile {
  readonly name: string | null;
  readonly python: string;
  readonly scratch: string | null;
  readonly setup: string | null;
  /** The profile, if the launch host is another one. */
  readonly remote: Profile | null;
}

/** `--profile`, else the default one if the design's executor uses profiles, else this host as it is. Pure. */
export function chooseProfile(
  project: ProjectRead,
  wanted: string | null,
  executor: Executor | null,
): ChosenProfile | Objection {
  const { profiles, default_profile: fallback } = project.profiles;
  // Then the file itself is what stands against the launch.
  if (project.problems.some(({ file, severity }) => file === PROFILES_FILE && severity === 'error')) return NO_PROFILE;
  const name = wanted ?? (executor?.usesProfiles === true ? fallback : null);
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
