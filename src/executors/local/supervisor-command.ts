import { join } from 'node:path';
import { packageInfo } from '../../platform/package.ts';
import type { RunPaths } from '../../records/paths.ts';
import { HELD_BACK, ORDER_FILE } from '../../schedulers/local/receipt.ts';

/** How a supervisor is started; its command line names the order, by which it is found among the processes. */
export function supervisorCommand(
  paths: RunPaths,
  how: readonly string[],
): { readonly argv: readonly string[]; readonly env: NodeJS.ProcessEnv } {
  const { [HELD_BACK]: held, ...others } = process.env;
  const order = join(paths.receipt, ORDER_FILE);
  const argv = [process.execPath, join(packageInfo().folder, 'dist', 'supervisor.js'), order, ...how];
  // Node takes an empty one for none.
  return (held ?? '') === ''
    ? { argv, env: process.env }
    : { argv: [...argv, `${HELD_BACK}=${held ?? ''}`], env: others };
}
