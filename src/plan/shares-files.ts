import type { Profile } from '../project/profiles.ts';
import type { RemoteOrder } from '../records/run-data.ts';

/** On a host that gets the code sent, a run has a tree of its own anyway. */
export function sharesFiles(remote: Pick<Profile | RemoteOrder, 'mode'> | null): boolean {
  return remote === null || remote.mode === 'shared_fs';
}
