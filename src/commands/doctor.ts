import { join } from 'node:path';
import type { HostDetection } from '../executors/detect-host.ts';
import type { Executor } from '../executors/executor.ts';
import { EXECUTORS } from '../executors/table.ts';
import { askProfile, detectionOf, type LookHere, lookHere } from '../plan/launch-host.ts';
import { launchWith } from '../plan/look.ts';
import { ageMs } from '../platform/file-clock.ts';
import { createExclusive, freeBytes, messageOf, removeIfThere } from '../platform/files.ts';
import { newToken } from '../platform/ids.ts';
import { run } from '../platform/process.ts';
import { now } from '../platform/time.ts';
import type { Profile } from '../project/profiles.ts';
import { readGuardDocuments, readProject } from '../project/read.ts';
import type { State } from '../project/state.ts';
import type { Check } from '../run/check.ts';
import { projectSetup } from '../sites/host-setup.ts';
import { type Site, thisHost } from '../sites/site.ts';
import { checkDocuments } from './doctor-documents.ts';
import { type AgainstLaunchNow, checkLaunch } from './doctor-launch.ts';
import { checkNotify } from './doctor-notify.ts';
import { checkRepository } from './doctor-repository.ts';
import { checkProfile } from './remote-check.ts';

/** `autolab doctor`: checks this machine's prerequisites. One line each, with the fix. */

interface Tool {
  readonly name: string;
  readonly argv: readonly string[];
  /** `needed` fails, `useful` warns. */
  readonly level: 'needed' | 'useful';
  readonly mend: string;
}

const TOOLS: readonly Tool[] = [
  { name: 'bash', argv: ['bash', '--version'], level: 'needed', mend: 'Install bash: launch scripts are bash scripts' },
  { name: 'hostname', argv: ['hostname'], level: 'needed', mend: 'Install hostname: host detection needs it' },
  {
    name: 'git',
    argv: ['git', '--version'],
    level: 'useful',
    mend: 'Install git: without it the code of a run is not recorded',
  },
  {
    name: 'sha256sum',
    argv: ['sha256sum', '--version'],
    level: 'useful',
    mend: 'Install coreutils: without it a run cannot check its code at its start',
  },
  {
    name: 'rsync',
    argv: ['rsync', '--version'],
    level: 'useful',
    mend: 'Install rsync: only runs on another host need it',
  },
  {
    name: 'ssh',
    argv: ['ssh', '-V'],
    level: 'useful',
    mend: 'Install openssh-client: only runs on another host need it',
  },
];

const LOW_BYTES = 1024 ** 3;
/** How much the clock of a network file system may differ from ours before doctor warns. */
const CLOCK_TOLERANCE_MS = 5_000;

/** What was looked at, and the codes of what a launch would be refused for now. */
export async function examineHost(root: string | null): Promise<AgainstLaunchNow> {
  const tools = await Promise.all(TOOLS.map(checkTool));
  const here = await lookHere(root ?? '.', root === null ? null : projectSetup(root));
  const machine = [
    nodeCheck(process.versions.node),
    ...tools,
    ...(await checkHost(root, here)),
    ...(root === null
      ? [noProject()]
      : [...checkProject(root), ...checkNotify(root), ...(await checkRepository(root))]),
  ];
  if (root === null) return { checks: machine, codes: [] };
  const { checks, codes } = await checkLaunchOf(root, here);
  return { checks: [...machine, ...checks], codes };
}

/** Pure. */
export function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const good = major > 20 || (major === 20 && minor >= 19);
  return {
    name: 'node',
    status: good ? 'ok' : 'fail',
    found: version,
    mend: good ? null : 'Install Node 20.19 or newer',
  };
}

async function checkTool(tool: Tool): Promise<Check> {
  const result = await run(tool.argv, { timeoutMs: 10_000 });
  const line = (result.stdout || result.stderr).split('\n')[0]?.trim() ?? '';
  if (result.exitCode === 0) return { name: tool.name, status: 'ok', found: line, mend: null };
  const found =
    result.spawnError === 'ENOENT'
      ? 'not installed'
      : result.timedOut
        ? 'did not answer within 10 s'
        : `failed: ${line}`;
  return { name: tool.name, status: tool.level === 'needed' ? 'fail' : 'warn', found, mend: tool.mend };
}

async function checkHost(root: string | null, { setup, host, setupFailed }: LookHere): Promise<readonly Check[]> {
  if (setupFailed !== null) return [failedSetup(setupFailed)];
  const site = thisHost(root ?? '.', setup);
  const detection = detectionOf(host, 'auto');
  const ofExecutors = await Promise.all([...EXECUTORS.values()].map((executor) => checksOf(executor, detection, site)));
  return [checkMode(detection), ...ofExecutors.flat()];
}

function checkMode({ record, failure }: HostDetection): Check {
  if (failure === null)
    return { name: 'host mode', status: 'ok', found: `${record.mode ?? ''} (${record.reason})`, mend: null };
  return {
    name: 'host mode',
    status: 'fail',
    found: record.reason,
    mend: 'Run the probe by hand; or set host_mode: local in .autolab/launch.yaml',
  };
}

async function checksOf(executor: Executor, detection: HostDetection, site: Site): Promise<readonly Check[]> {
  const { mode } = detection.record;
  const host = mode === null ? 'unresolved' : mode === executor.kind ? 'this' : 'another';
  return [...(host === 'this' ? await executor.checks(site) : []), ...(await executor.remarks(host))];
}

function failedSetup(words: string): Check {
  const mend = 'Run the commands by hand; fix `setup` in .autolab/launch.yaml';
  return { name: 'setup', status: 'fail', found: `failed: ${words}`, mend };
}

/** The checks of the project: of the remote host that a launch would use, and what speaks against a launch now. */
async function checkLaunchOf(root: string, here: LookHere): Promise<AgainstLaunchNow> {
  const documents = readGuardDocuments(root);
  if (!documents.ok) return checkLaunch(root, { here });
  const remote = defaultRemote(root, documents.value.state);
  if (remote === null) return checkLaunch(root, { here });
  const asked = await askProfile(remote.profile, root);
  const project = { root, stateSha256: documents.value.stateSha256 };
  const ofProfile = await checkProfile(project, remote.name, asked);
  const { checks, codes } = await checkLaunch(root, { here, asked });
  return { checks: [...ofProfile, ...checks], codes };
}

/** The default profile; null if there is none, or it is for this host. */
function defaultRemote(root: string, state: State): { readonly name: string; readonly profile: Profile } | null {
  const { profiles, default_profile: name } = readProject(root, state, launchWith(null)).profiles;
  const profile = name === null ? undefined : profiles[name];
  return name === null || profile === undefined || profile.login_host === null ? null : { name, profile };
}

function noProject(): Check {
  return { name: 'project', status: 'warn', found: 'not found', mend: 'Create one: autolab init' };
}

function checkProject(root: string): readonly Check[] {
  return [checkWritable(root), diskCheck(freeBytes(root), root), ...checkDocuments(root)];
}

/** Pure. */
export function diskCheck(free: number, root: string): Check {
  const low = free < LOW_BYTES;
  return {
    name: 'disk space',
    status: low ? 'warn' : 'ok',
    found: `${(free / 1024 ** 3).toFixed(1)} GiB free in ${root}`,
    mend: low ? 'Free disk space: a run that cannot write fails' : null,
  };
}

/** Makes and removes a file as a claim would be made, and compares the file system's clock with ours. */
function checkWritable(root: string): Check {
  const path = join(root, '.autolab', `.doctor.${newToken()}`);
  try {
    createExclusive(path, '');
    const age = ageMs(path, Date.parse(now())) ?? 0;
    removeIfThere(path);
    const skewed = Math.abs(age) > CLOCK_TOLERANCE_MS;
    const found = skewed
      ? `writable, but its clock differs from the local clock by ${Math.round(age / 1000)} s`
      : 'writable, and its clock agrees with the local clock';
    return {
      name: 'project',
      status: skewed ? 'warn' : 'ok',
      found,
      mend: skewed ? 'Synchronize both clocks with NTP' : null,
    };
  } catch (error) {
    return {
      name: 'project',
      status: 'fail',
      found: messageOf(error),
      mend: `Make ${join(root, '.autolab')} writable`,
    };
  }
}
