import type { LaunchPlan } from '../../index.ts';
import { bytesText } from '../../platform/units.ts';
import { visible } from './visible.ts';

/** One data input on a line: its path, how much there is, and the begin of its digest. Pure. */
export function dataText({
  path,
  check,
  files,
  bytes,
  sha256,
}: NonNullable<LaunchPlan['data_inputs']>[number]): string {
  const what = check === 'size' ? ', names and sizes only' : '';
  const count = `${files} ${files === 1 ? 'file' : 'files'}`;
  return visible(`${path}: ${count}, ${bytesText(bytes)}${what} (SHA-256 ${sha256.slice(0, 12)}…)`);
}
