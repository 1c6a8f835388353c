import { type Failure, failureOf } from '../errors/failure.ts';
import { now } from '../platform/time.ts';
import type { HostRecord, Probe } from '../records/manifest-schema.ts';
import { shortened } from '../schedulers/slurm/answer.ts';
import { CLIENT_ENVIRONMENT } from '../schedulers/slurm/environment.ts';
import type { Transport } from '../transports/transport.ts';

export { removedFrom as variablesHidden } from '../schedulers/slurm/environment.ts';
export { signsHere, signsInVariables } from './slurm/site-signs.ts';

/** Whether the launch host is a Slurm host (R5). Three probes, side by side, each kept whole as evidence. */

const PROBE_TIMEOUT_MS = 10_000;
const PROBE_BYTES = 64 * 1024;
/** Characters of a probe's words in a message. */
const MOST_SAID = 200;

export type HostMode = 'local' | 'slurm';

export interface HostDetection {
  readonly record: HostRecord;
  /** Why the mode could not be detected. */
  readonly failure: Failure | null;
}

/** For a host that was not reached: why, in place of each answer. */
export function unreachedProbes(words: string): HostRecord['probes'] {
  const probe = (...argv: readonly string[]): Probe => ({
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
  return { hostname: probe('hostname'), sinfo: probe('sinfo', '-V'), squeue: probe('squeue', '-V') };
}

export async function detectHost(transport: Transport, overruledBy: HostMode | 'auto'): Promise<HostDetection> {
  return judgeProbes(await probeHost(transport), overruledBy);
}

/** The probes alone: they are judged once launch.yaml is read. */
export async function probeHost(transport: Transport): Promise<HostRecord['probes']> {
  const probe = async (argv: readonly string[]): Promise<Probe> => {
    const at = now();
    const result = await transport.run(argv, {
      timeoutMs: PROBE_TIMEOUT_MS,
      environment: CLIENT_ENVIRONMENT,
      maxBytes: PROBE_BYTES,
    });
    return {
      argv: [...argv],
      exit_code: result.exitCode,
      signal: result.signal,
      timed_out: result.timedOut,
      spawn_error: result.spawnError,
      stdout: result.stdout,
      stderr: result.stderr,
      duration_ms: result.durationMs,
      at,
    };
  };
  const [hostname, sinfo, squeue] = await Promise.all([
    probe(['hostname']),
    probe(['sinfo', '-V']),
    probe(['squeue', '-V']),
  ]);
  return { hostname, sinfo, squeue };
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
  const hung = [probes.hostname, probes.sinfo, probes.squeue].filter((probe) => probe.timed_out);
  if (hung.length > 0) {
    const names = hung.map(({ argv }) => `\`${argv.join(' ')}\``).join(' and ');
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
  const failed = [probes.sinfo, probes.squeue].filter((probe) => !succeeded(probe));
  if (failed.length === 0) return { record: record('slurm', '`sinfo -V` and `squeue -V` both succeed'), failure: null };
  const reason = failed.map((probe) => `\`${probe.argv.join(' ')}\` ${howItFailed(probe)}`).join('; ');
  return { record: record('local', reason), failure: null };
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
