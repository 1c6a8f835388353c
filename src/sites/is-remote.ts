import type { OpenedData } from '../records/run-data.ts';

/** The launch host is reached over ssh. */
export function isRemote({ remote }: OpenedData): boolean {
  return remote !== undefined && remote !== null;
}
