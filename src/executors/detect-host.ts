import { type Failure, failureOf } from '../errors/failure.ts';
import { shortened } from '../platform/listing.ts';
import { now } from '../platform/time.ts';
import type { HostRecord, Probe } from '../records/manifest-schema.ts';
import type { Transport, TransportCommand, TransportResult } from '../transports/transport.ts';
import type { HostProbe } from './found-by.ts';
import { EXECUTORS } from './table.ts';

/** Which executor the launch host has (R5): each says what must succeed there. Side by side, each kept whole as evidence. */

const PROBE_TIMEOUT_MS = 10_000;
const PROBE_BYTES = 64 * 1024;
/** Characters of a probe's words in a message. */
const MOST_SAID = 200;
/** A host that cannot say its name is in no state to be judged. */
const HOSTNAME: HostProbe = { argv: ['hostname'], environment: { drop: [], keep: [], set: { LC_ALL: 'C' } } };

export type HostMode = NonNullable<HostRecord['mode']>;

export interface HostDetection {
  readonly record: HostRecord;
  /** Why the mode could not be detected. */
  readonly failure: Failure | null;
}

function probesToMake(): readonly (readonly [name: string, probe: HostProbe])[] {
  return [['hostname', HOSTNAME], ...[...EXECUTORS.values()].flatMap(({ hostProbes }) => Object.entries(hostProbes))];
}

/** The record's format names the probes of every executor in the table, as a test sees to. */
function recorded(answers: readonly (readonly [name: string, answer: Probe])[]): HostRecord['probes'] {
  return Object.fromEntries(answers) as HostRecord['probes'];
}

/** For a host that was not reached: why, in place of each answer. */
export function unreachedProbes(words: string): HostRecord['probes'] {
  const unanswered = ({ argv }: HostProbe): Probe => ({
    argv: [...argv],
    exit_code: null,
    signal: null,
    timed_out: true,
    spawn_error: null,
    stdout: '',
    stderr: words,
    duration_ms: 0,
    at: now(),
  });
  return recorded(probesToMake().map(([name, probe]) => [name, unanswered(probe)]));
}

/** The probes as commands, for whoever asks the host something else in the same call. */
export function probeCommands(): readonly TransportCommand[] {
  return probesToMake().map(([, { argv, environment }]) => {
    return { argv, environment, timeoutMs: PROBE_TIMEOUT_MS, maxBytes: PROBE_BYTES };
  });
}

/** The answers to `probeCommands`, in their sequence. They are judged once launch.yaml is read. Pure. */
export function probesFrom(answers: readonly TransportResult[], at: string): HostRecord['probes'] {
  const probe = (result: TransportResult): Probe => ({
    argv: [...result.argv],
    exit_code: result.exitCode,
    signal: result.signal,
    timed_out: result.timedOut,
    spawn_error: result.spawnError,
    stdout: result.stdout,
    stderr: result.stderr,
    duration_ms: result.durationMs,
    at,
  });
  const names = probesToMake().map(([name]) => name);
  return recorded(answers.map((answer, index) => [names[index] ?? '', probe(answer)]));
}

export async function probeHost(transport: Transport): Promise<HostRecord['probes']> {
  const at = now();
  return probesFrom(await transport.runEach(probeCommands()), at);
}

/** Turns probes into a mode. A probe that hangs is not an answer; a missing command is one. Pure. */
export function judgeProbes(probes: HostRecord['probes'], overruledBy: HostMode | 'auto'): HostDetection {
  const record = (mode: HostMode | null, reason: string, overruled: string | null = null): HostRecord => ({
    mode,
    reason,
    overruled_by: overruled,
    probes,
  });
  if (overruledBy !== 'auto') {
    const detected = judgeProbes(probes, 'auto').record;
    const reason = `launch.yaml says host_mode: ${overruledBy}; the probes alone say ${detected.mode ?? 'nothing'} (${detected.reason})`;
    return { record: record(overruledBy, reason, `host_mode: ${overruledBy}`), failure: null };
  }
  const hung = Object.values(probes).filter((probe) => probe.timed_out);
  if (hung.length > 0) {
    const names = hung.map(commandOf).join(' and ');
    const reason = `${names} did not answer within ${PROBE_TIMEOUT_MS / 1000} s${saidBy(hung)}`;
    return {
      record: record(null, reason),
      failure: failureOf('host.probe_hung', { message: `Could not detect the host type: ${reason}.` }),
    };
  }
  if (!succeeded(probes.hostname)) {
    const reason = `\`hostname\` ${howItFailed(probes.hostname)}`;
    return {
      record: record(null, reason),
      failure: failureOf('host.unresolved', { message: `Could not detect the host type: ${reason}.` }),
    };
  }
  const { kind, reason } = executorBy(probes);
  return { record: record(kind, reason), failure: null };
}

/** The first one in the table whose probes all succeed: the last one has none. Pure. */
function executorBy(probes: HostRecord['probes']): { readonly kind: HostMode | null; readonly reason: string } {
  const answers = new Map(Object.entries(probes));
  const reasons: string[] = [];
  for (const { kind, hostProbes } of EXECUTORS.values()) {
    const own = Object.keys(hostProbes).flatMap((name) => answers.get(name) ?? []);
    const failed = own.filter((probe) => !succeeded(probe));
    reasons.push(...failed.map((probe) => `${commandOf(probe)} ${howItFailed(probe)}`));
    if (failed.length > 0) continue;
    // The record's format names the executors of the table, too.
    return { kind: kind as HostMode, reason: own.length === 0 ? reasons.join('; ') : allSucceed(own) };
  }
  return { kind: null, reason: reasons.join('; ') };
}

function allSucceed(probes: readonly Probe[]): string {
  const how = probes.length === 2 ? 'both succeed' : probes.length === 1 ? 'succeeds' : 'all succeed';
  return `${probes.map(commandOf).join(' and ')} ${how}`;
}

function commandOf({ argv }: Probe): string {
  return `\`${argv.join(' ')}\``;
}

function succeeded(probe: Probe): boolean {
  return probe.exit_code === 0;
}

/** What they printed while they ran: Slurm's clients wait up to a minute for a configuration file, and say so. */
function saidBy(hung: readonly Probe[]): string {
  const said = hung.map(({ stderr }) => stderr.trim()).find((words) => words !== '');
  return said === undefined ? '' : ` (${shortened(said, MOST_SAID)})`;
}

function howItFailed(probe: Probe): string {
  if (probe.spawn_error === 'ENOENT') return 'is not installed';
  if (probe.spawn_error !== null) return `could not be run (${probe.spawn_error})`;
  if (probe.signal !== null) return `was ended by ${probe.signal}`;
  return `failed with exit status ${String(probe.exit_code)}`;
}
