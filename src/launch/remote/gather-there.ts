import { crashPoint } from '../../platform/crash-points.ts';
import { gatherArgv, parseGathered } from '../../transports/far-files.ts';
import { placeFor } from '../artifacts.ts';
import { viewOf, type RunContext } from '../context.ts';
import type { FarSite } from '../site.ts';
import { lostOf, troubleOf, withRetries } from './travel.ts';

/** `collect_to_remote`: what the design collects from elsewhere goes into the run's folder over there, where it lies. */
export async function gatherThere(
  ctx: RunContext,
  far: FarSite,
): Promise<{ readonly gathered: number; readonly problems: readonly string[] }> {
  const specs = viewOf(ctx).opened.artifacts.flatMap((spec) =>
    spec.from === null ? [] : [{ ...spec, from: spec.from }],
  );
  if (specs.length === 0) return { gathered: 0, problems: [] };
  const orders = specs.map(({ path, from }) => ({
    from,
    toFolder: placeFor(path, from, true),
    toFile: placeFor(path, from, false),
  }));
  const result = await withRetries(
    ctx,
    () => far.ssh.run(gatherArgv(far.paths.folder, orders), { timeoutMs: 6 * 3_600_000, signal: ctx.control.signal }),
    lostOf,
  );
  crashPoint('gather.done_there');
  if (result.exitCode !== 0) return { gathered: 0, problems: [troubleOf(result).words] };
  const answers = parseGathered(result.stdout);
  const problems = specs.flatMap(({ path, from, required }, index) => {
    const answer = answers[index];
    if (answer?.kind === 'missing') return required ? [`${from}: there is nothing to collect for ${path}`] : [];
    if (answer?.kind === 'done') return [];
    return [`${from}: ${answer?.kind === 'failed' ? answer.words : 'no answer'}`];
  });
  return { gathered: answers.filter(({ kind }) => kind === 'done').length, problems };
}
