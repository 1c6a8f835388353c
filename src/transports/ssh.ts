import { newToken } from '../platform/ids.ts';
import { noResult, type RawProcessResult, runRaw, withoutOwnSecrets } from '../platform/process.ts';
import { monotonicMs, sleep } from '../platform/time.ts';
import { parseParts, partsArgv } from './far-parts.ts';
import { farCommandLine, NO_PROGRAM } from './far-program.ts';
import { Fence } from './fence.ts';
import { sessionSlots } from './session-slots.ts';
import { MOST_CONNECTIONS, nextAttempt, NO_ATTEMPTS } from './ssh-attempts.ts';
import { checkDestination, clientArgv, commandArgv } from './ssh-command.ts';
import { connectionTo } from './ssh-connection.ts';
import { lastLine, type NotStarted, notStarted, wordsOfBreak } from './ssh-words.ts';
import {
  asText,
  type Lost,
  type RawTransportResult,
  type Transport,
  type TransportCommand,
  type TransportResult,
  type TransportRunOptions,
} from './transport.ts';

/**
 * Another host, by the system's ssh. All commands of a launch share one connection, which is made at the first command,
 * made again if it broke, and kept for a minute after the last one.
 *
 * A command that was ended by a signal has 128 plus the signal's number as its status, as in a shell. If the caller
 * stopped waiting for a command, because its time was over or the connection broke, the remote host ends it when its
 * time is over.
 */
export interface SshTransport extends Transport {
  /** argv of ssh up to the destination, for programs that start it themselves. */
  readonly sshArgv: () => readonly string[];
  /** Ensures that there is a connection; returns why there is none. */
  readonly connect: () => Promise<Lost | null>;
  /** What the account's start-up files printed before an answer: such output breaks the protocols of rsync and git. */
  readonly noise: () => string;
}

export interface SshDestination {
  readonly destination: string;
  readonly connectTimeoutSeconds: number;
  readonly setup: string | null;
}

const DEFAULT_BYTES = 1024 * 1024;
/** The kernel's limit for one argument (MAX_ARG_STRLEN), on both hosts, less the text around it. */
const LONGEST_LINE = 128 * 1024 - 512;
/** A background child that holds the command's output open must not delay the caller after its end. */
const AFTER_END_MS = 1000;
/** The least time to wait for a refusal: a request that is cut off earlier leaves unknown whether the command began. */
const REFUSAL_MS = 2_000;
/** The same if the time was spent on waiting for other commands. */
const SHORTEST_ATTEMPT_MS = 500;

/** The state that the commands to one host share. */
interface Client extends SshDestination {
  /** ssh can ask no question: there is no terminal. */
  readonly batch: boolean;
  readonly connection: ReturnType<typeof connectionTo>;
  readonly slots: ReturnType<typeof sessionSlots>;
  readonly heard: (noise: string) => void;
}

export function sshTransport(to: SshDestination): SshTransport {
  const { destination } = to;
  checkDestination(destination);
  const batch = !(process.stdin.isTTY && process.stderr.isTTY);
  const connection = connectionTo(destination, to.connectTimeoutSeconds, batch);
  let noise = '';
  const heard = (words: string): void => {
    if (words !== '') noise = words;
  };
  const client: Client = { ...to, batch, connection, slots: sessionSlots(), heard };
  return {
    name: destination,
    runRaw: (argv, wanted) => ask(client, argv, wanted),
    run: async (argv, wanted) => asText(await ask(client, argv, wanted)),
    runEach: (commands, signal) => askEach(client, commands, signal),
    sshArgv: () => clientArgv(connection.options),
    connect: connection.ready,
    noise: () => noise,
  };
}

/**
 * Runs a command, with as many attempts as its time allows; only a command that is known not to have begun is tried
 * again.
 */
async function ask(client: Client, argv: readonly string[], wanted: TransportRunOptions): Promise<RawTransportResult> {
  const clock = clockFor(wanted.timeoutMs);
  const { connection, slots } = client;
  const none = (words: string): RawTransportResult =>
    noAnswer(argv, { kind: 'unreachable', words, began: false }, clock.passed());
  const over = `no connection within ${Math.round(wanted.timeoutMs / 1000)} s`;
  for (let attempts = NO_ATTEMPTS; attempts.broken < MOST_CONNECTIONS;) {
    const generation = connection.generation();
    const lost = await readiness(client, clock, wanted);
    if (lost === 'late') return none(over);
    if (lost !== null) return noAnswer(argv, lost, clock.passed());
    const answer = await attempt(client, argv, wanted, Math.max(1, clock.left())).finally(slots.give);
    if (typeof answer !== 'string') {
      // The connection may be dead: waiting commands may continue, the next command takes another connection.
      if (answer.lost?.kind === 'dropped') connection.renew(generation, 'silent');
      return { ...answer, durationMs: Math.round(clock.passed()) };
    }
    const inTime = clock.left() > REFUSAL_MS && wanted.signal?.aborted !== true;
    if (answer === 'no_session' && !inTime) return none(over);
    const next = nextAttempt(attempts, answer, clock.passed());
    attempts = next.attempts;
    if (next.renew !== null) connection.renew(generation, next.renew);
    if (next.waitMs > 0) await sleep(next.waitMs, wanted.signal);
  }
  return none('the connection broke repeatedly');
}

/** Of an answer in base64, and the same again for its messages. */
const PER_BYTE = 1.5;
/** For the connection, and the shells around the commands. */
const AROUND_MS = 10_000;

async function askEach(
  client: Client,
  commands: readonly TransportCommand[],
  signal: AbortSignal | undefined,
): Promise<readonly TransportResult[]> {
  const parts = commands.map(({ argv, environment, timeoutMs }) => {
    return { argv, environment: environment ?? null, seconds: Math.ceil(timeoutMs / 1000) };
  });
  const asked = await ask(client, partsArgv(parts), {
    timeoutMs: commands.reduce((sum, { timeoutMs }) => sum + timeoutMs, AROUND_MS),
    maxBytes: commands.reduce((sum, { maxBytes = DEFAULT_BYTES }) => sum + PER_BYTE * 2 * maxBytes, DEFAULT_BYTES),
    ...(signal === undefined ? {} : { signal }),
  });
  return parseParts(asText(asked), parts);
}

interface Clock {
  readonly passed: () => number;
  readonly left: () => number;
  /** The time in which the user was asked for a password does not count. */
  readonly excuse: (ms: number) => void;
}

function clockFor(boundMs: number): Clock {
  const began = monotonicMs();
  let excused = 0;
  const passed = (): number => monotonicMs() - began;
  const excuse = (ms: number): void => {
    excused += ms;
  };
  return { passed, left: () => boundMs - passed() + excused, excuse };
}

/** Waits for a connection and takes a session on it. Returns null, or why there is none; then no session is taken. */
async function readiness(
  { batch, connection, slots }: Client,
  clock: Clock,
  { timeoutMs, signal }: TransportRunOptions,
): Promise<Lost | 'late' | null> {
  const asked = monotonicMs();
  // A user who is asked for a password has no time limit; the connection has its own.
  const lost = await (batch ? within(connection.ready(), clock.left(), signal) : connection.ready());
  if (!batch) clock.excuse(monotonicMs() - asked);
  if (lost !== null) return lost;
  if (!(await slots.take(clock.left(), signal))) return 'late';
  if (clock.left() >= Math.min(SHORTEST_ATTEMPT_MS, timeoutMs / 2)) return null;
  slots.give();
  return 'late';
}

async function attempt(
  { destination, connection, setup, heard }: Client,
  argv: readonly string[],
  wanted: TransportRunOptions,
  leftMs: number,
): Promise<RawTransportResult | NotStarted | 'no_program'> {
  const mark = newToken();
  const fences = fencesOf(mark, wanted.maxBytes ?? DEFAULT_BYTES);
  const line = farCommandLine({
    argv,
    mark,
    setup: wanted.bare === true ? null : setup,
    environment: wanted.environment ?? null,
    cwd: wanted.cwd ?? null,
    stdin: wanted.stdin !== undefined,
    // The remote limit is slightly longer than the local one.
    seconds: Math.ceil(leftMs / 1000) + 2,
  });
  if (line.length > LONGEST_LINE) return tooLong(argv);
  const result = await runRaw(commandArgv(connection.options, destination, line, mark), {
    timeoutMs: leftMs,
    maxBytes: 0,
    signal: AbortSignal.any([fences.enough, ...(wanted.signal === undefined ? [] : [wanted.signal])]),
    ...(wanted.stdin === undefined ? {} : { stdin: wanted.stdin }),
    onStdout: fences.onStdout,
    onStderr: fences.onStderr,
  });
  fences.done();
  heard(fences.stdout.noise());
  if (fences.stdout.began) return answerOf(argv, result, fences);
  if (result.exitCode === NO_PROGRAM) return 'no_program';
  return notStarted(withoutOwnSecrets(fences.stderr.noise()), mark) ?? answerOf(argv, result, fences);
}

interface Fences {
  readonly stdout: Fence;
  readonly stderr: Fence;
  readonly onStdout: (chunk: Buffer) => void;
  readonly onStderr: (chunk: Buffer) => void;
  /** Fires shortly after both ends were seen. */
  readonly enough: AbortSignal;
  readonly done: () => void;
}

function fencesOf(mark: string, limit: number): Fences {
  const stdout = new Fence(mark, limit);
  const stderr = new Fence(mark, limit);
  const control = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const into = (fence: Fence) => (chunk: Buffer) => {
    fence.add(chunk);
    if (!stdout.ended || !stderr.ended) return;
    timer ??= setTimeout(() => {
      control.abort();
    }, AFTER_END_MS);
  };
  const done = (): void => {
    clearTimeout(timer);
  };
  return { stdout, stderr, onStdout: into(stdout), onStderr: into(stderr), enough: control.signal, done };
}

/** Returns null if the command may be sent, and `late` if that is not known in time. */
async function within(
  ready: Promise<Lost | null>,
  boundMs: number,
  signal: AbortSignal | undefined,
): Promise<Lost | null | 'late'> {
  const control = new AbortController();
  const signals = [control.signal, ...(signal === undefined ? [] : [signal])];
  const late = sleep(Math.max(0, boundMs), AbortSignal.any(signals)).then(() => 'late' as const);
  const first = await Promise.race([ready, late]);
  control.abort();
  return first;
}

function answerOf(argv: readonly string[], result: RawProcessResult, fences: Fences): RawTransportResult {
  const { stdout, stderr } = fences;
  const { durationMs } = result;
  const seen = {
    argv,
    signal: null,
    stdout: stdout.take(),
    stderr: withoutOwnSecrets(stderr.take().toString('utf8')),
    truncated: stdout.truncated || stderr.truncated,
    durationMs,
    lost: null,
  };
  const ending = stdout.ended ? (stdout.ending?.trim() ?? '') : '';
  if (/^(?:E[A-Z]+|\d{1,3})$/.test(ending)) {
    const failed = ending.startsWith('E');
    return {
      ...seen,
      exitCode: failed ? null : Number(ending),
      timedOut: false,
      spawnError: failed ? ending : null,
    };
  }
  if (result.timedOut && stdout.began) return { ...seen, exitCode: null, timedOut: true, spawnError: null };
  const broke = stdout.began && result.spawnError === null;
  return noAnswer(argv, broke ? dropped(wordsOfBreak(seen.stderr)) : lostBefore(result, fences), durationMs);
}

function dropped(words: string): Lost {
  return { kind: 'dropped', words, began: true };
}

/** The result of a command whose first mark never came. */
function lostBefore(result: RawProcessResult, { stdout, stderr }: Fences): Lost {
  if (result.spawnError !== null)
    return { kind: 'unreachable', words: `ssh could not be started: ${result.spawnError}`, began: false };
  // Without the first mark the command may have been started nevertheless: the mark can be lost with the connection.
  if (result.timedOut) return dropped('no answer in time');
  const words = lastLine(withoutOwnSecrets(stderr.noise())) ?? lastLine(withoutOwnSecrets(stdout.noise()));
  // ssh itself exits with 255. Another status comes from the remote host, after all output.
  if (result.exitCode === null || result.exitCode === 255) return dropped(words ?? 'the connection broke');
  // A shell that exited with 0 ran the program: its marks were lost, and the command's result with them.
  if (result.exitCode === 0 && words === null) return dropped('its answer was lost');
  const status = `the remote shell ended with exit status ${result.exitCode} before it ran anything`;
  return { kind: 'no_shell', words: words === null ? status : `${status}: ${words}`, began: false };
}

function noAnswer(argv: readonly string[], lost: Lost, durationMs: number): RawTransportResult {
  return { ...noResult(argv, lost.words, Math.round(durationMs)), stdout: Buffer.alloc(0), lost };
}

/** In the kernel's words for a command on this host. */
function tooLong(argv: readonly string[]): RawTransportResult {
  return {
    ...noAnswer(argv, { kind: 'no_shell', words: '', began: false }, 0),
    timedOut: false,
    spawnError: 'E2BIG',
    lost: null,
  };
}
