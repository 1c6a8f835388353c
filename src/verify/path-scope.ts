import { LEDGER } from '../records/paths.ts';
import { counted, failed, passed, skipped, type Verifier } from './results.ts';

/**
 * autolab wrote only where it may (R10). Judged by its own list of writes: what others changed in the project
 * meanwhile does not count.
 */
export const verifyPathScope: Verifier = ({ projected, run_folder, iteration_id }) => {
  if ('problem' in projected) return skipped('The journal does not say what was written.');
  const folders = [`${run_folder}/`, `experiments/${iteration_id}/launch/`, '.autolab/'];
  const isAllowed = (path: string): boolean =>
    path === LEDGER || folders.some((folder) => path.startsWith(folder) && path.length > folder.length);
  const outside = projected.writes.filter((path) => !isPlain(path) || !isAllowed(path));
  if (outside.length === 0)
    return passed(`${counted(projected.writes.length, 'file')} written, all where autolab may write.`);
  return failed(
    `${counted(outside.length, 'file')} written outside of autolab's scope.`,
    outside.map((path) => `${path}: is outside`),
  );
};

/** Relative, and no part of it leads up again. */
function isPlain(path: string): boolean {
  return !path.startsWith('/') && !path.includes('\0') && !path.split('/').includes('..');
}
