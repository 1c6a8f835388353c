import { join } from 'node:path';
import { ACTIVATION_LINE_FILE } from '../../launch-scripts/activation.ts';
import { crashPoint } from '../../platform/crash-points.ts';
import type { EnvironmentChange } from '../../platform/environment.ts';
import { makeFolder, sizeOf, writeAt, writeFileIfChanged } from '../../platform/files.ts';
import { withoutOwnSecrets } from '../../platform/process.ts';
import type { RunPaths } from '../../records/paths.ts';
import { slurmLogs } from '../../records/paths.ts';
import { USAGE_FILE } from '../../records/usage-series.ts';
import type { Looked, RunMirror } from '../../run/site.ts';
import { ENTRYPOINT_FILE, LEFT_FILE } from '../../schedulers/entrypoint-start.ts';
import { INPUTS_CHANGED_FILE } from '../../schedulers/receipt-files.ts';
import {
  type Answer,
  type FarLook,
  type GrowingThere,
  lookArgv,
  MOST_BYTES,
  NO_FOLDER,
  parseLook,
  type Question,
  QUESTION_SECONDS,
} from '../../transports/far-look.ts';
import type { SshTransport } from '../../transports/ssh.ts';
import type { TransportCommand, TransportResult, TransportRunOptions } from '../../transports/transport.ts';
import type { MirroredReceipts } from './mirrored-receipts.ts';

/**
 * Mirrors the receipts and the logs of a run on a remote host while they grow: readers use the run's
 * folder here, wherever the run is. The mirror is never assumed to be complete; the outputs are compared after the end.
 */

/** Of receipts: what a job and a submission leave. */
const RECEIPTS = [
  'claim',
  'claim.*',
  'claim-*',
  'started.json',
  ENTRYPOINT_FILE,
  LEFT_FILE,
  ACTIVATION_LINE_FILE,
  'exit.json',
  'collected.*',
  'closed',
  'code_changed',
  INPUTS_CHANGED_FILE,
  'start.*.0',
  'submit.*',
];
/** The interval at which a growing log is fetched. */
const CALM_SECONDS = 4;
export const LOOK_MS = 30_000;
/** Fetched while the job runs; the rest of a longer log comes with the outputs. */
export const MOST_OF_A_LOG = 64 * 1024 * 1024;
const USAGE = `receipt/${USAGE_FILE}`;
/** A series of the most points is smaller. */
const MOST_USAGE_BYTES = 1024 * 1024;

type AskedThere = Question & { readonly environment: EnvironmentChange };

interface LookSent {
  readonly command: TransportCommand & Pick<TransportRunOptions, 'stdin'>;
  readonly logs: readonly GrowingThere[];
  readonly usage: GrowingThere | null;
}

type Took =
  | { readonly kind: 'looked'; readonly look: FarLook; readonly isFarAhead: boolean }
  | Exclude<Looked, { readonly kind: 'looked' }>;

export class Mirror implements RunMirror {
  private readonly ssh: SshTransport;
  private readonly there: RunPaths;
  private readonly here: RunPaths;
  private readonly receipts: MirroredReceipts | null;
  private known = '';

  /** `receipts`: of its tasks; null if it has one. */
  constructor(ssh: SshTransport, there: RunPaths, here: RunPaths, receipts: MirroredReceipts | null) {
    this.ssh = ssh;
    this.there = there;
    this.here = here;
    this.receipts = receipts;
  }

  /** Brings everything that is new. `waitSeconds`: how long to wait for something new. */
  async look(
    jobId: string | null,
    waitSeconds: number,
    signal?: AbortSignal,
    question: AskedThere | null = null,
  ): Promise<Looked> {
    let answer: Answer | null = null;
    for (let wait = waitSeconds, asking = question; ; wait = 0, asking = null) {
      const order = this.order(jobId, wait, asking);
      const { argv, ...options } = order.command;
      const result = await this.ssh.run(argv, { ...options, ...(signal === undefined ? {} : { signal }) });
      const took = this.take(order, result);
      if (took.kind !== 'looked') return took;
      answer = answerTo(asking, took.look) ?? answer;
      if (!took.isFarAhead) return { kind: 'looked', answer };
    }
  }

  async lookAfter(
    jobId: string | null,
    commands: readonly TransportCommand[],
    signal?: AbortSignal,
  ): Promise<{ readonly answers: readonly TransportResult[]; readonly looked: Looked }> {
    // The look at the receipts of tasks has something to read.
    if (this.receipts !== null)
      return { answers: await this.ssh.runEach(commands, signal), looked: await this.look(jobId, 0, signal) };
    const order = this.order(jobId, 0, null);
    const answers = await this.ssh.runEach([...commands, order.command], signal);
    const result = answers.at(-1);
    if (result === undefined) throw new Error('a look without an answer');
    const took = this.take(order, result);
    const isWhole = took.kind !== 'looked' || !took.isFarAhead;
    const looked: Looked = took.kind === 'looked' ? { kind: 'looked', answer: null } : took;
    return { answers: answers.slice(0, -1), looked: isWhole ? looked : await this.look(jobId, 0, signal) };
  }

  private order(jobId: string | null, waitSeconds: number, question: AskedThere | null): LookSent {
    // The logs of a run with tasks are those of the tasks, which are read there.
    const job = this.receipts === null ? jobId : null;
    const logs = job === null ? [] : this.logs(job);
    const usage = job === null ? null : this.usage();
    const receipts = this.receipts?.order() ?? null;
    const argv = lookArgv({
      folder: this.there.folder,
      small: 'receipt',
      wanted: RECEIPTS,
      known: this.known,
      growing: logs,
      beside: usage,
      receipts,
      waitSeconds,
      calmSeconds: CALM_SECONDS,
      question,
    });
    const command = {
      argv,
      timeoutMs: LOOK_MS + (waitSeconds + (question === null ? 0 : QUESTION_SECONDS)) * 1000,
      maxBytes: 64 * 1024 * 1024,
      ...(question === null ? {} : { environment: question.environment }),
      ...(receipts === null ? {} : { stdin: receipts.known }),
    };
    return { command, logs, usage };
  }

  /** Writes what a look has brought. */
  private take({ logs, usage }: LookSent, result: TransportResult): Took {
    const nothing = withoutLook(result);
    if (nothing !== null) return nothing;
    const look = parseLook(result.stdout);
    for (const [name, bytes] of look.small ?? [])
      writeFileIfChanged(join(this.here.receipt, name), bytes.toString('utf8'));
    this.known = look.known;
    this.keepUsage(look.grown, usage);
    const isFarAhead = this.keep(look.grown, logs);
    const more = look.receipts !== null && this.receipts?.keep(look.receipts) === true;
    return { kind: 'looked', look, isFarAhead: isFarAhead || more };
  }

  /** Only what was asked for is written, and only at the place where it continues. Returns whether more is there. */
  private keep(grown: FarLook['grown'], logs: readonly GrowingThere[]): boolean {
    const asked = grown.filter(({ path, offset }) => logs.some((log) => log.path === path && log.offset === offset));
    for (const { path, offset, bytes } of asked) {
      makeFolder(this.here.logs);
      writeAt(join(this.here.folder, path), offset, bytes);
      crashPoint('mirror.log_grown');
    }
    return asked.some(({ bytes }) => bytes.length >= MOST_BYTES);
  }

  /** Another start of the job begins another series. */
  private keepUsage(grown: FarLook['grown'], usage: GrowingThere | null): void {
    const news = grown.find(({ path }) => path === USAGE);
    if (news === undefined || usage === null) return;
    const path = join(this.here.folder, USAGE);
    if (news.offset === usage.offset && news.offset > 0) writeAt(path, news.offset, news.bytes);
    else if (news.offset === 0) writeFileIfChanged(path, news.bytes.toString('utf8'));
  }

  private usage(): GrowingThere | null {
    const offset = sizeOf(join(this.here.folder, USAGE));
    return offset < MOST_USAGE_BYTES ? { path: USAGE, offset } : null;
  }

  private logs(jobId: string): readonly GrowingThere[] {
    const { stdout, stderr } = slurmLogs(this.here, jobId);
    return [stdout, stderr]
      .map((path) => ({ path: path.slice(this.here.folder.length + 1), offset: sizeOf(path) }))
      .filter(({ offset }) => offset < MOST_OF_A_LOG);
  }
}

/** What a look without an answer means; null if there is one. Pure. */
function withoutLook(result: TransportResult): Exclude<Looked, { readonly kind: 'looked' }> | null {
  if (result.lost !== null) return { kind: 'lost', lost: result.lost };
  if (result.exitCode === NO_FOLDER) return { kind: 'missing' };
  if (result.exitCode === 0) return null;
  const words = result.timedOut ? 'it did not answer in time' : result.stderr.trim();
  return { kind: 'lost', lost: { kind: 'dropped', words, began: true } };
}

function answerTo(question: AskedThere | null, { answer }: FarLook): Answer | null {
  if (question === null || answer === null) return null;
  return { argv: question.argv, ...answer, stderr: withoutOwnSecrets(answer.stderr) };
}
