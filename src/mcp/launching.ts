import { failureOf } from '../errors/failure.ts';
import { callResult, type OutcomeResult, type VerbResult } from '../index.ts';
import { sleep } from '../platform/time.ts';
import type { Around, ToolAnswer } from './tool.ts';
import { Deadline } from './waiting.ts';

/** Starting a run without waiting for it. */

const LOOK_MS = 250;
/** Checks over ssh, or of a large repository, can take longer than this: then the same call is to be made again. */
const MOST_SECONDS = 25;
/** What fails at once, or is short, is known after this. */
const GRACE_MS = 2_000;

export interface ApprovedLaunch {
  readonly approved: string;
  readonly after: string | null;
  readonly failedOnly: boolean;
}

/**
 * A process of its own launches and drives the run. The answer comes as soon as the run has begun; a call that is repeated
 * joins the launch, or finds what it made, because it names the same approval.
 */
export async function launchFor(around: Around, wanted: ApprovedLaunch): Promise<ToolAnswer> {
  const { project, signal, work } = around;
  const words = wordsFor(wanted);
  const deadline = new Deadline(MOST_SECONDS);
  for (;;) {
    const piece = work.drive(project.root, 'launch', words);
    const result = await work.take(piece, LOOK_MS, signal);
    if (result !== null && result.code !== 'lease.held') return launched(around, result);
    const look = await project.outcome();
    // The launch was refused the lease only after it had seen that the open run is of this approval.
    if (result !== null && result.run_id !== null && look.run_id === result.run_id) return begun(look);
    if (result === null && isDrivenBy(look, piece.pid)) {
      const soon = await work.take(piece, GRACE_MS, signal);
      return soon === null ? begun(look) : launched(around, soon);
    }
    deadline.report(around, 'The launch is being checked; no run has begun.');
    if (deadline.leftMs() === 0 || signal.aborted) return { result: stillChecking(), nextTool: 'launch' };
    if (result !== null) await sleep(LOOK_MS, signal);
  }
}

function wordsFor({ approved, after, failedOnly }: ApprovedLaunch): readonly string[] {
  return [
    ...['--on-interrupt', 'detach', `--approved=${approved}`],
    ...(after === null ? [] : [`--after=${after}`]),
    ...(failedOnly ? ['--failed-only'] : []),
  ];
}

function isDrivenBy({ code, driver, run_id }: OutcomeResult, pid: number | null): boolean {
  return code === 'run.still_going' && run_id !== null && typeof driver === 'object' && driver.pid === pid;
}

function begun(look: OutcomeResult): ToolAnswer {
  const { hint, ...failure } = failureOf('run.submitted', {
    message: `The run ${look.run_id ?? ''} has begun, and continues in the background.`,
    hint: 'Call `wait` until it has ended.',
  });
  return { result: { ...look, ...failure, hint, outcome: 'submitted', attempt_counted: null }, nextTool: 'wait' };
}

async function launched({ project }: Around, result: VerbResult): Promise<ToolAnswer> {
  if (result.run_id === null) return { result, nextTool: 'next' };
  if (['submitted', 'undetermined'].includes(result.outcome)) return { result, nextTool: 'wait' };
  // The same arguments would return the same run; after a failed one the agent has to think first.
  const again = `To run it once more, call \`launch\` with after: ${JSON.stringify(result.run_id)}.`;
  const { after } = await project.next();
  const hinted = after === result.run_id ? { ...result, hint: `${result.hint} ${again}`.trim() } : result;
  return { result: hinted, nextTool: result.outcome === 'completed' ? 'next' : 'logs' };
}

function stillChecking(): VerbResult {
  return callResult(
    'launch',
    failureOf('run.still_going', {
      message: 'The launch is still being checked; no run has begun.',
      hint: 'Call `launch` again with the same arguments: it is the same launch.',
    }),
  );
}
