import { newToken } from '../platform/ids.ts';
import { noResult, type RawProcessResult, runRaw, withoutOwnSecrets } from '../platform/process.ts';
import { monotonicMs, sleep } from '../platform/time.ts';
import { farCommandLine, NO_PROGRAM } from './far-program.ts';
import { Fence } from './fence.ts';
import { sessionSlots } from './session-slots.ts';
import { checkDestination, clientArgv, commandArgv } from './ssh-command.ts';
import { connectionTo } from './ssh-connection.ts';
import { lastLine, type NotStarted, notStarted, wordsOfBreak } from './ssh-words.ts';
import { asText, type Lost, type RawTransportResult, type Transport, type TransportRunOptions } from './transport.ts';

/**
 * Another host, by the system's own ssh. All commands of a launch share one connection, which is made at the first one, made
 * anew when it broke, and kept for a minute after the last.
 *
 * A command that was ended by a signal ends with 128 and the signal's number, as a shell tells it. One that nobody waits for
 * any more, because its time is over or the connection broke, is ended over there when its time is over.
 */
export interface SshTransport extends Transport {
  /** argv of ssh up to the destination, for programs that start it themselves. */
  readonly sshArgv: () => readonly string[];
  /** Makes sure that there is a connection; why there is none. */
  readonly connect: () => Promise<Lost | null>;
  /** What the account's start-up files printed before an answer: such a shell spoils the protocols of rsync and git. */
  readonly noise: () => string;
}

export interface SshDestination {
  readonly destination: string;
  readonly connectTimeoutSeconds: number;
  readonly setup: string | null;
}

const DEFAULT_BYTES = 1024 * 1024;
/** The kernel's bound of one word (MAX_ARG_STRLEN), here and over there, less what stands around it. */
const LONGEST_LINE = 128 * 1024 - 512;
/** A child in the background that holds the command's output must not keep us after its end. */
const AFTER_END_MS = 1000;
/**
 * After so long without a session on a connection that others use, a connection of our own is made. A busy host closes the
 * sessions of commands that have ended late: that passes by itself.
 */
const SESSION_MS = 10_000;
const MOST_CONNECTIONS = 4;
/** A refusal is waited for so long at least: a question that is cut off before it leaves unknown whether the command began. */
const REFUSAL_MS = 2_000;
/** The same where the time was spent on waiting for others. */
const SHORTEST_ATTEMPT_MS = 500;

export function sshTransport({ destination, connectTimeoutSeconds, setup }: SshDestination): SshTransport {
  checkDestination(destination);
  const batch = !(process.stdin.isTTY && process.stderr.isTTY);
  const connection = connectionTo(destination, connectTimeoutSeconds, batch);
  const slots = sessionSlots();
  let noise = '';

  const attempt = async (
    argv: readonly string[],
    wanted: TransportRunOptions,
    leftMs: number,
  ): Promise<RawTransportResult | NotStarted | 'no_program'> => {
    const mark = newToken();
    const fences = fencesOf(mark, wanted.maxBytes ?? DEFAULT_BYTES);
    const line = farCommandLine({
      argv,
      mark,
      setup: wanted.bare === true ? null : setup,
      environment: wanted.environment ?? null,
      cwd: wanted.cwd ?? null,
      stdin: wanted.stdin !== undefined,
      // A little after we gave up ourselves.
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
    if (fences.stdout.noise() !== '') noise = fences.stdout.noise();
    if (fences.stdout.began) return answerOf(argv, result, fences);
    if (result.exitCode === NO_PROGRAM) return 'no_program';
    return notStarted(withoutOwnSecrets(fences.stderr.noise()), mark) ?? answerOf(argv, result, fences);
  };

  const raw = async (argv: readonly string[], wanted: TransportRunOptions): Promise<RawTransportResult> => {
    const began = monotonicMs();
    let asking = 0;
    const passed = (): number => monotonicMs() - began;
    const left = (): number => wanted.timeoutMs - passed() + asking;
    const none = (words: string): RawTransportResult =>
      noAnswer(argv, { kind: 'unreachable', words, began: false }, passed());
    const over = `no connection within ${Math.round(wanted.timeoutMs / 1000)} s`;
    let withoutSession: number | null = null;
    let ofOurOwn = 0;
    for (let broken = 0; broken < MOST_CONNECTIONS;) {
      const generation = connection.generation();
      const asked = monotonicMs();
      // Nobody bounds a person who is asked for a password; the connection bounds itself.
      const lost = await (batch ? within(connection.ready(), left(), wanted.signal) : connection.ready());
      if (!batch) asking += monotonicMs() - asked;
      if (lost === 'late') return none(over);
      if (lost !== null) return noAnswer(argv, lost, passed());
      if (!(await slots.take(left(), wanted.signal))) return none(over);
      if (left() < Math.min(SHORTEST_ATTEMPT_MS, wanted.timeoutMs / 2)) {
        slots.give();
        return none(over);
      }
      const answer = await attempt(argv, wanted, Math.max(1, left())).finally(slots.give);
      if (answer === 'no_connection') {
        connection.renew(generation, 'gone');
        broken += 1;
      } else if (answer === 'no_program') {
        broken += 1;
        await sleep(100, wanted.signal);
      } else if (answer === 'no_session') {
        withoutSession ??= passed();
        if (left() <= REFUSAL_MS || wanted.signal?.aborted === true) return none(over);
        if (passed() - withoutSession > SESSION_MS && ofOurOwn < MOST_CONNECTIONS) {
          connection.renew(generation, 'silent');
          withoutSession = null;
          ofOurOwn += 1;
        } else await sleep(ofOurOwn < MOST_CONNECTIONS ? 100 : 1000, wanted.signal);
      } else {
        // Maybe nothing comes through any more: others that wait may go on, the next command takes another connection.
        if (answer.lost?.kind === 'dropped') connection.renew(generation, 'silent');
        return { ...answer, durationMs: Math.round(passed()) };
      }
    }
    return none('the connection broke again and again');
  };

  return {
    name: destination,
    runRaw: raw,
    run: async (argv, wanted) => asText(await raw(argv, wanted)),
    sshArgv: () => clientArgv(connection.options),
    connect: connection.ready,
    noise: () => noise,
  };
}

interface Fences {
  readonly stdout: Fence;
  readonly stderr: Fence;
  readonly onStdout: (chunk: Buffer) => void;
  readonly onStderr: (chunk: Buffer) => void;
  /** Fires a little after both ends were seen. */
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

/** Null where there is nothing against it, and `late` where nothing is known in time. */
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

function answerOf(argv: readonly string[], result: RawProcessResult, { stdout, stderr }: Fences): RawTransportResult {
  const { durationMs } = result;
  const told = {
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
      ...told,
      exitCode: failed ? null : Number(ending),
      timedOut: false,
      spawnError: failed ? ending : null,
    };
  }
  if (result.timedOut && stdout.began) return { ...told, exitCode: null, timedOut: true, spawnError: null };
  const lost = (kind: Lost['kind'], words: string, began: boolean): RawTransportResult =>
    noAnswer(argv, { kind, words, began }, durationMs);
  if (result.spawnError !== null) return lost('unreachable', `ssh could not be started: ${result.spawnError}`, false);
  // Without the first mark the command may have been started all the same: the mark can be lost with the connection.
  if (result.timedOut) return lost('dropped', 'no answer in time', true);
  if (stdout.began) return lost('dropped', wordsOfBreak(told.stderr), true);
  const words = lastLine(withoutOwnSecrets(stderr.noise())) ?? lastLine(withoutOwnSecrets(stdout.noise()));
  // 255 is what ssh ends with itself. Another status came from over there, after all that was printed there.
  if (result.exitCode === null || result.exitCode === 255)
    return lost('dropped', words ?? 'the connection broke', true);
  // A shell that ended well ran the program: its marks got lost, and with them what became of the command.
  if (result.exitCode === 0 && words === null) return lost('dropped', 'its answer got lost', true);
  const status = `the shell over there ended with exit status ${result.exitCode} before it ran anything`;
  return lost('no_shell', words === null ? status : `${status}: ${words}`, false);
}

function noAnswer(argv: readonly string[], lost: Lost, durationMs: number): RawTransportResult {
  return { ...noResult(argv, lost.words, Math.round(durationMs)), stdout: Buffer.alloc(0), lost };
}

/** As the kernel says it of a command on this host. */
function tooLong(argv: readonly string[]): RawTransportResult {
  return {
    ...noAnswer(argv, { kind: 'no_shell', words: '', began: false }, 0),
    timedOut: false,
    spawnError: 'E2BIG',
    lost: null,
  };
}
