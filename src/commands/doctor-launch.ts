import { CATALOG } from '../errors/catalog.ts';
import { guardProject } from '../plan/guard.ts';
import type { BegunLooks } from '../plan/launch-host.ts';
import { lookForLaunch } from '../plan/look.ts';
import { objectionsTo } from '../plan/objections.ts';
import type { Check } from '../run/check.ts';
import { findActive } from '../run/claim.ts';

/** Everything against a launch now, as the launch itself would say it. Nothing at another stage, or while a run is open. */
export async function checkLaunch(root: string, begun: BegunLooks): Promise<readonly Check[]> {
  const guarded = guardProject(root);
  if (!guarded.ok || guarded.value.state.stage !== 'launch' || findActive(root).kind !== 'none') return [];
  const look = await lookForLaunch(root, guarded.value, null, begun);
  return objectionsTo(look, { openTodo: false }).map(({ code, message, hint }) => ({
    name: 'launch',
    status: 'warn',
    found: `${code}: ${message}`,
    mend: hint ?? CATALOG[code].hint,
  }));
}
