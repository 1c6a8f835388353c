import { type Failure, failureOf } from '../../errors/failure.ts';
import { askProfile } from '../../plan/launch-host.ts';
import type { Profile } from '../../project/profiles.ts';
import { readGuardDocuments, readProject } from '../../project/read.ts';
import type { Check } from '../../run/check.ts';
import { flag, maybeText } from '../check-options.ts';
import { checkProfile } from '../remote-check.ts';
import { cleanRemote, type LeftOver } from '../remote-clean.ts';
import { resolveDestination } from '../remote-show.ts';
import { type CommandResult, resultOfFailure, succeed, type VerbResult } from '../result.ts';
import type { Verb } from '../verb.ts';

export interface RemoteOptions {
  /** A profile of `.autolab/remote_profiles.yaml`. Default: null, the default profile of that file, or its only one. */
  readonly profile?: string | null;
}

export interface RemoteShowResult extends VerbResult {
  readonly profile?: Profile & { readonly name: string };
  /** What the ssh configuration makes of the profile's host (`ssh -G`); null if ssh cannot resolve it. */
  readonly ssh?: Readonly<Record<string, string>> | null;
}

export interface RemoteCheckResult extends VerbResult {
  readonly checks?: readonly Check[];
}

export interface RemoteCleanOptions extends RemoteOptions {
  /** List what would be removed; remove nothing. Default: false. */
  readonly dryRun?: boolean;
}

export interface RemoteCleanResult extends VerbResult {
  /** What autolab left on the remote host; why an item is kept, or that it was removed. */
  readonly left?: readonly LeftOver[];
  readonly dry_run?: boolean;
}

interface Found {
  readonly root: string;
  readonly stateSha256: string;
  readonly name: string;
  readonly profile: Profile & { readonly login_host: string };
}

/** The named profile, else the default one, else the only one. */
function profileOf(command: string, root: string, wanted: string | null): Found | CommandResult {
  const refuse = (failure: Failure): CommandResult => resultOfFailure(command, failure);
  const documents = readGuardDocuments(root);
  if (!documents.ok) return refuse(documents.failure);
  const project = readProject(root, documents.value.state, { profile: wanted, usesProfiles: () => true });
  const { profiles, default_profile: fallback } = project.profiles;
  const names = Object.keys(profiles);
  const name = wanted ?? fallback ?? (names.length === 1 ? names[0] : undefined) ?? null;
  const profile = name !== null && Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (name === null || profile === undefined) {
    const problems = project.problems.filter(({ file }) => file === '.autolab/remote_profiles.yaml');
    const there = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
    const message = `${name === null ? 'No profile is named' : `There is no profile ${JSON.stringify(name)}`} in .autolab/remote_profiles.yaml (${there}).`;
    const hint =
      names.length === 0
        ? 'Write that file: docs/how-to/ssh.md. To check this host: autolab doctor'
        : 'Name one: --profile NAME';
    return refuse(failureOf('config.invalid', { message, problems, ...(problems.length === 0 ? { hint } : {}) }));
  }
  if (profile.login_host === null)
    return succeed(command, { message: `The profile ${name} is for this host.`, hint: 'See: autolab doctor' });
  const { stateSha256 } = documents.value;
  return { root, stateSha256, name, profile: { ...profile, login_host: profile.login_host } };
}

export const show: Verb<RemoteOptions> = {
  name: 'remote show',
  options: { profile: maybeText },
  perform: async ({ root }, { profile = null }) => {
    const found = profileOf('remote show', root, profile);
    if ('outcome' in found) return found;
    const resolved = await resolveDestination(found.profile.login_host);
    const details = {
      profile: { name: found.name, ...found.profile },
      ssh: resolved.ok ? resolved.values : null,
    } satisfies Partial<RemoteShowResult>;
    if (resolved.ok) {
      const message = `The profile ${found.name}.`;
      return succeed('remote show', { message, hint: 'Check it: autolab remote check' }, { details });
    }
    const message = `ssh does not resolve ${found.profile.login_host}: ${resolved.words}.`;
    return resultOfFailure('remote show', failureOf('remote.unreachable', { message }), { details });
  },
};

export const check: Verb<RemoteOptions> = {
  name: 'remote check',
  options: { profile: maybeText },
  perform: async ({ root }, { profile = null }) => {
    const found = profileOf('remote check', root, profile);
    if ('outcome' in found) return found;
    const checks = await checkProfile(found, found.name, await askProfile(found.profile, found.root));
    const failed = checks.filter(({ status }) => status === 'fail');
    const details = { checks } satisfies Partial<RemoteCheckResult>;
    if (failed.length === 0) {
      const message = `All checks of ${found.profile.login_host} passed.`;
      return succeed('remote check', { message, hint: 'Launch: autolab launch' }, { details });
    }
    const message = failed.map(({ found: what }) => what).join(' ');
    return resultOfFailure('remote check', failureOf('doctor.failed', { message }), { details });
  },
};

export const clean: Verb<RemoteCleanOptions> = {
  name: 'remote clean',
  options: { profile: maybeText, dryRun: flag },
  perform: async ({ root }, { profile = null, dryRun = false }) => {
    const found = profileOf('remote clean', root, profile);
    if ('outcome' in found) return found;
    const left = await cleanRemote(found.root, found.profile, dryRun);
    if ('code' in left) return resultOfFailure('remote clean', left);
    const free = left.filter(({ kept }) => kept === null);
    const packs = free.filter(({ what }) => what === 'pack').length;
    const trees = `${free.length - packs} tree(s)${packs === 0 ? '' : ` and ${packs} pack(s)`}`;
    const message = `${trees} ${dryRun ? 'would be' : 'were'} removed on ${found.profile.login_host}, ${left.length - free.length} kept.`;
    const hint = dryRun ? 'Remove them: autolab remote clean' : 'Nothing to do.';
    const details = { left, dry_run: dryRun } satisfies Partial<RemoteCleanResult>;
    return succeed('remote clean', { message, hint }, { details });
  },
};
