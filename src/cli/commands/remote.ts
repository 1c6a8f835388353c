import { checkProfile } from '../../commands/remote-check.ts';
import { cleanRemote } from '../../commands/remote-clean.ts';
import { resolveDestination } from '../../commands/remote-show.ts';
import { resultOfFailure } from '../../commands/result.ts';
import { type Failure, failureOf } from '../../errors/failure.ts';
import type { Profile } from '../../project/profiles.ts';
import { readGuardDocuments, readProject } from '../../project/read.ts';
import type { CommandContext, CommandHandler, CommandOutput, Options } from '../command.ts';
import { flag, text } from '../options.ts';
import { projectRoot } from '../project-root.ts';
import { checkLines } from '../render/checks.ts';
import { table } from '../render/table.ts';
import { visible } from '../render/visible.ts';

interface Found {
  readonly root: string;
  readonly stateSha256: string;
  readonly name: string;
  readonly profile: Profile & { readonly login_host: string };
}

/** The profile that is meant: `--profile`, the default one, or the only one. */
function profileOf(command: string, ctx: CommandContext, options: Options): Found | CommandOutput {
  const found = projectRoot(ctx);
  if ('result' in found) return found;
  const refuse = (failure: Failure): CommandOutput => ({ result: resultOfFailure(command, failure) });
  const documents = readGuardDocuments(found.root);
  if (!documents.ok) return refuse(documents.failure);
  const project = readProject(found.root, documents.value.state);
  const { profiles, default_profile: fallback } = project.profiles;
  const names = Object.keys(profiles);
  const name = text(options, 'profile') ?? fallback ?? (names.length === 1 ? names[0] : undefined) ?? null;
  const profile = name !== null && Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (name === null || profile === undefined) {
    const problems = project.problems.filter(({ file }) => file === '.autolab/remote_profiles.yaml');
    const there = names.length === 0 ? 'there is none' : `there are ${names.join(', ')}`;
    const message = `${name === null ? 'No profile is named' : `There is no profile ${JSON.stringify(name)}`} in .autolab/remote_profiles.yaml (${there}).`;
    const hint =
      names.length === 0
        ? 'Write that file; docs/how-to/ssh.md shows it in five lines. For this host: autolab doctor'
        : 'Name one: --profile NAME';
    return refuse(failureOf('config.invalid', { message, problems, ...(problems.length === 0 ? { hint } : {}) }));
  }
  if (profile.login_host === null)
    return refuse(failureOf('ok', { message: `The profile ${name} is for this host.`, hint: 'See: autolab doctor' }));
  const { stateSha256 } = documents.value;
  return { root: found.root, stateSha256, name, profile: { ...profile, login_host: profile.login_host } };
}

export const show: CommandHandler = async (ctx, _words, options) => {
  const found = profileOf('remote show', ctx, options);
  if ('result' in found) return found;
  const resolved = await resolveDestination(found.profile.login_host);
  const rows = Object.entries({ profile: found.name, ...found.profile, ...(resolved.ok ? resolved.values : {}) });
  const failure = resolved.ok
    ? failureOf('ok', { message: `The profile ${found.name}.`, hint: 'Does it work? autolab remote check' })
    : failureOf('remote.unreachable', {
        message: `ssh does not resolve ${found.profile.login_host}: ${resolved.words}.`,
      });
  return {
    result: resultOfFailure('remote show', failure, {
      details: { profile: { name: found.name, ...found.profile }, ssh: resolved.ok ? resolved.values : null },
    }),
    text: rows
      .map(([key, value]) => `${key}\t${visible(typeof value === 'string' ? value : JSON.stringify(value))}\n`)
      .join(''),
  };
};

export const check: CommandHandler = async (ctx, _words, options) => {
  const found = profileOf('remote check', ctx, options);
  if ('result' in found) return found;
  const checks = await checkProfile(found, found.name, found.profile);
  const failed = checks.filter(({ status }) => status === 'fail');
  const failure =
    failed.length === 0
      ? failureOf('ok', { message: `Runs can go to ${found.profile.login_host}.`, hint: 'Launch: autolab launch' })
      : failureOf('doctor.failed', { message: failed.map(({ found: what }) => what).join(' ') });
  return {
    result: resultOfFailure('remote check', failure, { details: { checks } }),
    text: checkLines(checks, ctx.color),
  };
};

export const clean: CommandHandler = async (ctx, _words, options) => {
  const found = profileOf('remote clean', ctx, options);
  if ('result' in found) return found;
  const dryRun = flag(options, 'dryRun');
  const left = await cleanRemote(found.root, found.profile, dryRun);
  if ('code' in left) return { result: resultOfFailure('remote clean', left) };
  const free = left.filter(({ kept }) => kept === null);
  const packs = free.filter(({ what }) => what === 'pack').length;
  const trees = `${free.length - packs} tree(s)${packs === 0 ? '' : ` and ${packs} pack(s)`}`;
  const done = `${trees} ${dryRun ? 'would be' : 'were'} removed on ${found.profile.login_host}, ${left.length - free.length} kept.`;
  const rows = left.map(({ what, run_id, bytes, kept }) => [
    what === 'tree' ? run_id : `${run_id} (pack)`,
    bytes === null ? '-' : `${Math.ceil(bytes / 1024 / 1024)} MiB`,
    kept ?? (dryRun ? 'would be removed' : 'removed'),
  ]);
  const failure = failureOf('ok', {
    message: done,
    hint: dryRun ? 'Remove them: autolab remote clean' : 'Nothing to do.',
  });
  return {
    result: resultOfFailure('remote clean', failure, { details: { left, dry_run: dryRun } }),
    text: rows.length === 0 ? 'Nothing of this kind is left over there.\n' : table(['run', 'size', 'what'], rows),
  };
};
