import { CATALOG, type Code } from '../errors/catalog.ts';
import { type Problem, whereOf } from '../errors/problem.ts';
import { guardProject } from '../plan/guard.ts';
import { judgeLaunch } from '../plan/judge.ts';
import type { BegunLooks } from '../plan/launch-host.ts';
import { lookForLaunch } from '../plan/look.ts';
import { newRunId } from '../platform/ids.ts';
import { now } from '../platform/time.ts';
import type { Check } from '../run/check.ts';
import { findActive } from '../run/claim.ts';
import type { Objection } from '../run/objection.ts';

export interface AgainstLaunchNow {
  readonly checks: readonly Check[];
  /** The codes that a launch would be refused with. */
  readonly codes: readonly Code[];
}

const NOTHING: AgainstLaunchNow = { checks: [], codes: [] };

/** Everything against a launch now, as the launch itself would say it. Nothing at another stage, or while a run is open. */
export async function checkLaunch(root: string, begun: BegunLooks): Promise<AgainstLaunchNow> {
  const guarded = guardProject(root);
  if (!guarded.ok) {
    const { failure } = guarded;
    return failure.code.startsWith('backlog.') ? { checks: [warning(failure)], codes: [failure.code] } : NOTHING;
  }
  if (guarded.value.state.stage !== 'launch' || findActive(root).kind !== 'none') return NOTHING;
  const look = await lookForLaunch(root, guarded.value, null, begun);
  const { objections, problems } = await judgeLaunch(root, look, { runId: newRunId(now()), allowOpenTodo: false });
  const listed = look.project.problems.filter(({ severity }) => severity === 'error');
  const isNew = (problem: Problem): boolean =>
    /^(?:prompt|placeholder|script)\./.test(problem.code) && !listed.includes(problem);
  const checks = [
    // Those of the documents are listed without a launch, too.
    ...problems
      .filter((problem) => problem.severity === 'error' && isNew(problem))
      .map((problem): Check => ({
        name: 'documents',
        status: 'warn',
        found: `${whereOf(problem)}: ${problem.message}`,
        mend: null,
      })),
    ...objections.map((objection) => warning(withoutRepeat(objection, listed))),
  ];
  return { checks, codes: objections.map(({ code }) => code) };
}

/** A document's problem has a line of its own. */
function withoutRepeat(objection: Objection, listed: readonly Problem[]): Objection {
  const repeats = listed.some((one) => objection.message.startsWith(`${whereOf(one)}: ${one.message}`));
  return repeats ? { ...objection, message: 'as listed under documents' } : objection;
}

function warning({ code, message, hint, problems: [first] = [] }: Objection): Check {
  const where = first === undefined || first.line === null ? '' : `${whereOf(first)}: `;
  return { name: 'launch', status: 'warn', found: `${code}: ${where}${message}`, mend: hint ?? CATALOG[code].hint };
}
