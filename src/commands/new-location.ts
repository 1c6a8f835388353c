import { shown } from '../documents/excerpt.ts';
import { readSource } from '../documents/source.ts';
import { failureOf, ok, type Result } from '../errors/failure.ts';
import { detectionOf, lookHere } from '../plan/launch-host.ts';
import { DEFAULT_LAUNCH_CONFIG } from '../project/launch-config.ts';
import { locationOf } from '../project/new-wish.ts';
import { parseProfiles, PROFILES_FILE } from '../project/profiles.ts';
import { readLaunchConfig } from '../project/read-launch-config.ts';
import { projectSetup } from '../sites/host-setup.ts';

/** Where a new experiment runs if its author does not say: what a launch would detect. */
export interface FoundLocation {
  readonly location: 'local' | 'slurm';
  /** The reason, in words. */
  readonly detected: string;
}

export async function locationHere(root: string): Promise<Result<FoundLocation>> {
  const elsewhere = defaultLaunchHost(root);
  if (elsewhere !== null) return ok({ location: 'slurm', detected: `the default profile launches on ${elsewhere}` });
  const { host } = await lookHere(root, projectSetup(root));
  const { host_mode } = readLaunchConfig(root) ?? DEFAULT_LAUNCH_CONFIG;
  const { record, failure } = detectionOf(host, host_mode);
  const detected = record.overruled_by === null ? record.reason : `launch.yaml says ${record.overruled_by}`;
  if (record.mode !== null) return ok({ location: record.mode, detected });
  const why = failure ?? failureOf('host.unresolved', { message: record.reason });
  return { ok: false, failure: { ...why, hint: 'Say it yourself: --on local, or --on slurm' } };
}

/** The host behind ssh that the default profile names; null if there is none. */
function defaultLaunchHost(root: string): string | null {
  const { text } = readSource(root, PROFILES_FILE);
  if (text === null) return null;
  const profiles = parseProfiles(text, PROFILES_FILE, { chosen: (fallback) => fallback, python: false }).value;
  const name = profiles?.default_profile ?? null;
  return name === null ? null : (profiles?.profiles[name]?.login_host ?? null);
}

/** `--compute location=…` says the same as `--on`. Returns what is wrong with it, or null. */
export function contradiction(
  on: 'local' | 'slurm' | null,
  compute: Readonly<Record<string, string | number | boolean>>,
): string | null {
  const location = String(compute['location'] ?? '');
  if (location === '' || location === on) return null;
  if (on !== null) return `\`--on ${on}\` and \`--compute location=${location}\` contradict each other; keep \`--on\``;
  if (locationOf(location) !== null) return null;
  return `\`--compute location\` takes local or slurm, not ${shown(location)}; write \`--on\``;
}
