import type { ScratchPlace } from '../executors/executor.ts';
import type { HostLook } from './launch-host.ts';

/**
 * What the entrypoint's environment has besides `AUTOLAB_…`, if the user does not set it. Python writes its output to a file
 * in blocks: without PYTHONUNBUFFERED a log stays empty until the end, and after a kill. An activation can change it.
 */
export function environmentSet(
  { variables }: Pick<HostLook, 'variables'>,
  { temporary }: Pick<ScratchPlace, 'temporary'>,
): Readonly<Record<string, string>> {
  return {
    ...(variables.includes('PYTHONUNBUFFERED') ? {} : { PYTHONUNBUFFERED: '1' }),
    ...(temporary === null ? {} : { TMPDIR: temporary }),
  };
}
