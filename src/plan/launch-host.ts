import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  type HostDetection,
  type HostMode,
  judgeProbes,
  probeCommands,
  probeHost,
  probesFrom,
  unreachedProbes,
} from '../executors/detect-host.ts';
import { signsToFind, siteSignsHere, siteSignsThere, variablesHidden } from '../executors/on-host.ts';
import { quotePosix } from '../platform/quoting.ts';
import { now } from '../platform/time.ts';
import type { Profile } from '../project/profiles.ts';
import type { HostRecord } from '../records/manifest-schema.ts';
import { STATE } from '../records/paths.ts';
import type { RemoteOrder } from '../records/run-data.ts';
import type { Objection } from '../run/objection.ts';
import { codeOfLost, sshTransportTo } from '../sites/ssh/connect.ts';
import { treeOf } from '../sites/ssh/places.ts';
import { type FarFacts, farFactsArgv, parseFarFacts } from '../transports/far-facts.ts';
import { localTransport } from '../transports/local.ts';
import { environmentAfter } from '../transports/setup-shell.ts';
import type { SshTransport } from '../transports/ssh.ts';
import type { TransportResult } from '../transports/transport.ts';

/** A launch host that is reached over ssh: what it says of itself, and whether runs can go there. */

export interface FarHost {
  readonly facts: FarFacts;
  /** Names of the variables that are hidden from an executor's commands on the remote host. */
  readonly removed: readonly string[];
}

/** A look at the launch host before anything is claimed. */
export interface HostLook {
  readonly probes: HostRecord['probes'];
  readonly objections: readonly Objection[];
  /** What is recorded of the way of a run to that host; null if it stays here, or the host was not reached. */
  readonly orderFor: (run: TravellingRun) => RemoteOrder | null;
  /** Of the setup, for the user. */
  readonly warnings: readonly string[];
  /** That it belongs to a site with an executor of its own. */
  readonly signs: readonly string[];
  /** Names of the variables there that are hidden from an executor's commands. */
  readonly removed: readonly string[];
  /** Names of all variables there. */
  readonly variables: readonly string[];
  readonly reached: boolean;
}

interface LocalProject {
  readonly root: string;
  readonly stateSha256: string;
}

/** This host, with the environment that a setup leaves. */
export interface LookHere {
  /** Null if its commands need none to be found. */
  readonly setup: string | null;
  readonly host: HostLook;
  /** What the setup commands said when they failed; null if they did not. */
  readonly setupFailed: string | null;
}

/** A host that was asked over ssh about itself. */
export interface AskedHost {
  readonly profile: Profile;
  readonly ssh: SshTransport;
  readonly answer: FarHost | Objection;
  /** Null if only the host itself was asked about. */
  readonly probes: HostRecord['probes'] | null;
}

/** Looks that were begun before: they count if they are at the same host, with the same setup. */
export interface BegunLooks {
  readonly here?: Promise<LookHere> | LookHere | null;
  readonly asked?: AskedHost | null;
}

/** `profile`: null for this host. `setup`: of this host. */
export async function lookAtLaunchHost(
  project: LocalProject,
  profile: Profile | null,
  setup: string | null,
  { here = null, asked = null }: BegunLooks,
): Promise<HostLook> {
  if (profile !== null) {
    const isAsked = asked !== null && isDeepStrictEqual(asked.profile, profile);
    return lookAtFarHost(project, isAsked ? asked : await askToLaunch(profile, project.root));
  }
  const begun = await here;
  return (begun?.setup === setup ? begun : await lookHere(project.root, setup)).host;
}

export async function lookHere(root: string, setup: string | null): Promise<LookHere> {
  const host = {
    orderFor: () => null,
    objections: [],
    warnings: [],
    signs: siteSignsHere(process.env),
    variables: Object.keys(process.env),
    reached: true,
  };
  if (setup === null) {
    const probes = await probeHost(localTransport(root));
    return { setup, host: { ...host, probes, removed: variablesHidden(process.env) }, setupFailed: null };
  }
  const prepared = await environmentAfter(setup, root);
  if (prepared.kind === 'failed')
    return { setup, host: afterFailedSetup(host, prepared.words), setupFailed: prepared.words };
  const { env, status, words } = prepared;
  const warnings =
    status === 0 ? [] : [`The setup of this host ended with status ${status}${words === null ? '' : `: ${words}`}.`];
  const probes = await probeHost(localTransport(root, setup));
  const variables = Object.keys(env);
  return { setup, host: { ...host, warnings, probes, variables, removed: variablesHidden(env) }, setupFailed: null };
}

function afterFailedSetup(host: Omit<HostLook, 'probes' | 'removed'>, words: string): HostLook {
  const message = `The setup commands of this host failed: ${words}.`;
  const objections = [{ code: 'host.setup_failed' as const, message }];
  return {
    ...host,
    objections,
    removed: variablesHidden(process.env),
    probes: unreachedProbes(message),
    reached: false,
  };
}

async function lookAtFarHost(project: LocalProject, { profile, ssh, answer, ...asked }: AskedHost): Promise<HostLook> {
  const none = { warnings: [], signs: [], removed: [], variables: [] };
  if ('code' in answer) {
    const probes = unreachedProbes(answer.message);
    return { ...none, probes, objections: [answer], orderFor: () => null, reached: false };
  }
  const probes = asked.probes ?? (await probeHost(ssh));
  const { facts, removed } = answer;
  const objections = farObjections(profile, answer, project);
  const orderFor = (run: TravellingRun): RemoteOrder => remoteOrder({ ...run, profile, facts });
  const { variables } = facts;
  return {
    warnings: [],
    signs: siteSignsThere(facts),
    removed,
    variables,
    probes,
    objections,
    orderFor,
    reached: true,
  };
}

/** What a host says of itself. */
export async function askProfile(profile: Profile, root: string): Promise<AskedHost> {
  const ssh = sshTransportTo(profile);
  const asked = await ssh.run(...factsQuestion(profile, root));
  return { profile, ssh, answer: farHostOf(ssh.name, asked), probes: null };
}

/** The same, and the probes, in one round trip. */
async function askToLaunch(profile: Profile, root: string): Promise<AskedHost> {
  const ssh = sshTransportTo(profile);
  const [argv, options] = factsQuestion(profile, root);
  const at = now();
  const [asked, ...answers] = await ssh.runEach([{ argv, ...options }, ...probeCommands()]);
  if (asked === undefined) throw new Error('a question without an answer');
  return { profile, ssh, answer: farHostOf(ssh.name, asked), probes: probesFrom(answers, at) };
}

function factsQuestion(profile: Profile, root: string): readonly [readonly string[], { readonly timeoutMs: number }] {
  const folder = profile.remote_repo_root ?? root;
  return [farFactsArgv(folder, STATE, signsToFind()), { timeoutMs: (profile.connect_timeout_seconds + 30) * 1000 }];
}

function farHostOf(name: string, result: TransportResult): FarHost | Objection {
  if (result.lost !== null)
    return { code: codeOfLost(result.lost), message: `${name} cannot be used: ${result.lost.words}.` };
  if (result.exitCode !== 0) {
    const words = result.timedOut ? 'it did not answer in time' : result.stderr.trim().split('\n')[0];
    return { code: 'remote.unreachable', message: `The checks on ${name} failed: ${words ?? ''}.` };
  }
  const facts = parseFarFacts(result.stdout);
  return { facts, removed: variablesHidden(Object.fromEntries(facts.variables.map((name) => [name, '']))) };
}

/** Returns the reasons against sending runs there. Pure. */
export function farObjections(profile: Profile, { facts }: FarHost, project: LocalProject): readonly Objection[] {
  const folder = profile.remote_repo_root ?? project.root;
  const at = `${profile.login_host ?? ''}:${folder}`;
  const path = (message: string, hint?: string): Objection => ({
    code: 'remote.path',
    message: `${at} ${message}.`,
    ...(hint === undefined ? {} : { hint }),
  });
  if (!facts.exists)
    return [
      path(
        'does not exist',
        `Create it: ssh ${profile.login_host ?? ''} ${quotePosix(`mkdir -p ${quotePosix(folder)}`)}; or fix remote_repo_root.`,
      ),
    ];
  if (facts.base === null) return [path('cannot be entered')];
  if (profile.mode === 'shared_fs')
    return facts.witness === project.stateSha256
      ? []
      : [
          path(
            'is not this project: its .autolab/state.json differs',
            'With mode shared_fs both hosts see the same files: fix remote_repo_root, or set mode: git or mode: rsync.',
          ),
        ];
  const objections: Objection[] = [];
  if (!facts.writable) objections.push(path('cannot be written'));
  const missing = neededTools(profile).filter((tool) => !facts.tools.includes(tool));
  if (missing.length > 0)
    objections.push({
      code: 'remote.tools',
      message: `${profile.login_host ?? ''} lacks ${missing.join(', ')}.`,
    });
  return objections;
}

function neededTools({ mode }: Profile): readonly string[] {
  return ['bash', 'find', 'sha256sum', 'tar', 'timeout', ...(mode === 'git' ? ['git'] : [])];
}

export interface TravellingRun {
  /** Of the profile. */
  readonly name: string;
  readonly runId: string;
  /** Of the project within what travels, '' or `sub/folder/`: within the code, and within the whole repository. */
  readonly prefixes: { readonly prefix: string; readonly prefixInRepository: string };
}

interface RemoteInputs extends TravellingRun {
  readonly profile: Profile;
  readonly facts: FarFacts;
}

/** Returns what is recorded of the launch host before the claim. Pure. */
function remoteOrder({ name, profile, facts, runId, prefixes }: RemoteInputs): RemoteOrder {
  const base = facts.base ?? '';
  const tree = treeOf(base, runId);
  const prefix = profile.mode === 'git' ? prefixes.prefixInRepository : prefixes.prefix;
  return {
    profile: name,
    mode: profile.mode,
    login_host: profile.login_host ?? '',
    connect_timeout_seconds: profile.connect_timeout_seconds,
    setup: profile.setup,
    exclude: profile.exclude,
    base,
    root: profile.mode === 'shared_fs' ? base : join(tree, prefix),
  };
}

/**
 * The kind of the launch host. A host that was not reached has none, whatever launch.yaml says of this one: its own objection
 * speaks, and not a conflict with the design.
 */
export function detectionOf(host: HostLook, overruledBy: HostMode | 'auto'): HostDetection {
  const judged = judgeProbes(host.probes, host.reached ? overruledBy : 'auto');
  return host.reached ? judged : { ...judged, failure: null };
}
