import { crashPoint } from '../../platform/crash-points.ts';
import { gatherOrders, type LeftToCollect, nothingFor } from '../../run/collect-script.ts';
import type { RunContext } from '../../run/context.ts';
import { gatherArgv, parseGathered } from '../../transports/far-files.ts';
import type { FarSite } from '../site.ts';
import { lostOf, troubleOf, withRetries } from './travel.ts';

/** `collect_to_remote`: copies what the design collects from elsewhere into the run's folder on the remote host. */
export async function gatherThere(
  ctx: RunContext,
  far: FarSite,
  { specs, gone }: LeftToCollect,
): Promise<{ readonly gathered: number; readonly problems: readonly string[]; readonly isGone: boolean }> {
  if (specs.length === 0) return { gathered: 0, problems: [], isGone: false };
  const orders = gatherOrders(specs);
  const result = await withRetries(
    ctx,
    () => far.ssh.run(gatherArgv(far.paths.folder, orders), { timeoutMs: 6 * 3_600_000, signal: ctx.control.signal }),
    lostOf,
  );
  crashPoint('gather.done_there');
  if (result.exitCode !== 0) return { gathered: 0, problems: [troubleOf(result).words], isGone: false };
  const answers = parseGathered(result.stdout);
  const problems = specs.flatMap((spec, index) => {
    const { from, required } = spec;
    const answer = answers[index];
    if (answer?.kind === 'missing') return required ? [nothingFor(spec, gone)] : [];
    if (answer?.kind === 'done') return [];
    return [`${from}: ${answer?.kind === 'failed' ? answer.words : 'no answer'}`];
  });
  const isGone = gone !== null && specs.some(({ required }, index) => required && answers[index]?.kind === 'missing');
  return { gathered: answers.filter(({ kind }) => kind === 'done').length, problems, isGone };
}
