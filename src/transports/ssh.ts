import { join } from 'node:path';
import { newToken } from '../platform/ids.ts';
import { run, runRaw, type RawProcessResult } from '../platform/process.ts';
import { controlFolder } from './control-folder.ts';
import { Fence } from './fence.ts';
import { checkDestination, farCommandLine, judgeLost, MISSING, sshOptions } from './ssh-command.ts';
import { asText, type Lost, type RawTransportResult, type Transport, type TransportRunOptions } from './transport.ts';

/**
 * Another host, by the system's own ssh. All commands of a launch share one connection, which is made at the first one, made
 * anew when it broke, and kept for a minute after the last.
 */
export interface SshTransport extends Transport {
  /** argv of ssh up to the destination, for programs that start it themselves. */
  readonly sshArgv: () => readonly string[];
  /** Makes sure that there is a connection; why there is none. */
  readonly connect: () => Promise<Lost | null>;
  /** What the account's start-up files printed into the last answer: such a shell spoils the protocols of rsync and git. */
  readonly noise: () => string;
}

export interface SshDestination {
  readonly destination: string;
  readonly connectTimeoutSeconds: number;
  readonly setup: string | null;
}

const DEFAULT_BYTES = 1024 * 1024;
/** What a person takes to answer a question of ssh's. */
const ANSWER_MS = 120_000;

export function sshTransport({ destination, connectTimeoutSeconds, setup }: SshDestination): SshTransport {
  checkDestination(destination);
  const batch = !(process.stdin.isTTY && process.stderr.isTTY);
  const options = sshOptions({ connectTimeoutSeconds, controlPath: join(controlFolder(process.env), '%C'), batch });
  const sshArgv = (): readonly string[] => ['ssh', ...options];
  let connecting: Promise<Lost | null> | null = null;
  let noise = '';

  const connect = (): Promise<Lost | null> => {
    connecting ??= openConnection().then((lost) => {
      if (lost !== null) connecting = null;
      return lost;
    });
    return connecting;
  };

  const openConnection = async (): Promise<Lost | null> => {
    const check = await run([...sshArgv(), '-O', 'check', '--', destination], { timeoutMs: 10_000 });
    if (check.exitCode === 0) return null;
    const timeoutMs = (connectTimeoutSeconds + 10) * 1000 + (batch ? 0 : ANSWER_MS);
    // With `auto`, a socket that a dead connection left behind is removed by ssh itself.
    const opened = await run([...sshArgv(), '-f', '-N', '--', destination], { timeoutMs });
    if (opened.exitCode === 0) return null;
    if (opened.timedOut) await forget();
    const words = opened.spawnError === null ? opened.stderr : `ssh could not be started: ${opened.spawnError}`;
    return judgeLost(opened.timedOut ? `${words}\nConnection timed out` : words, false, opened.exitCode);
  };

  /** A connection that does not answer any more must not be used by the next command. */
  const forget = async (): Promise<void> => {
    connecting = null;
    await run([...sshArgv(), '-O', 'exit', '--', destination], { timeoutMs: 10_000 });
  };

  const raw = async (argv: readonly string[], wanted: TransportRunOptions): Promise<RawTransportResult> => {
    const lost = await connect();
    if (lost !== null) return noAnswer(argv, lost, 0);
    const mark = newToken();
    const limit = wanted.maxBytes ?? DEFAULT_BYTES;
    const stdout = new Fence(mark, limit);
    const stderr = new Fence(mark, limit);
    const line = farCommandLine({
      argv,
      mark,
      setup,
      environment: wanted.environment ?? null,
      cwd: wanted.cwd ?? null,
    });
    const result = await runRaw([...sshArgv(), '--', destination, line], {
      timeoutMs: wanted.timeoutMs,
      maxBytes: 64 * 1024,
      ...(wanted.stdin === undefined ? {} : { stdin: wanted.stdin }),
      ...(wanted.signal === undefined ? {} : { signal: wanted.signal }),
      onStdout: (chunk) => {
        stdout.add(chunk);
      },
      onStderr: (chunk) => {
        stderr.add(chunk);
      },
    });
    noise = stdout.noise();
    const answer = answerOf(argv, result, stdout, stderr);
    if (answer.lost !== null) connecting = null;
    if (result.timedOut && !stdout.began && wanted.signal?.aborted !== true) await forget();
    return answer;
  };

  return {
    name: destination,
    runRaw: raw,
    run: async (argv, wanted) => asText(await raw(argv, wanted)),
    sshArgv,
    connect,
    noise: () => noise,
  };
}

function answerOf(argv: readonly string[], result: RawProcessResult, stdout: Fence, stderr: Fence): RawTransportResult {
  const status = stdout.ending?.trim() ?? null;
  if (status !== null && /^\d{1,3}$|^missing$/.test(status)) {
    const missing = status === MISSING;
    return {
      argv,
      exitCode: missing ? null : Number(status),
      signal: null,
      timedOut: false,
      spawnError: missing ? 'ENOENT' : null,
      stdout: stdout.take(),
      stderr: stderr.take().toString('utf8'),
      truncated: stdout.truncated || stderr.truncated,
      durationMs: result.durationMs,
      lost: null,
    };
  }
  if (result.timedOut && stdout.began)
    return { ...result, argv, stdout: stdout.take(), stderr: stderr.take().toString('utf8'), lost: null };
  if (result.spawnError !== null) {
    const words = `ssh could not be started: ${result.spawnError}`;
    return noAnswer(argv, { kind: 'unreachable', words, began: false }, result.durationMs);
  }
  const words = result.timedOut ? `${result.stderr}\nConnection timed out: no answer in time` : result.stderr;
  const lost = judgeLost(words, stdout.began, result.exitCode);
  // Without the first mark the command may have been started all the same: the mark can be lost with the connection.
  return noAnswer(argv, { ...lost, began: true }, result.durationMs);
}

function noAnswer(argv: readonly string[], lost: Lost, durationMs: number): RawTransportResult {
  return {
    argv,
    exitCode: null,
    signal: null,
    timedOut: true,
    spawnError: null,
    stdout: Buffer.alloc(0),
    stderr: lost.words,
    truncated: false,
    durationMs,
    lost,
  };
}
