import { loadPacked } from '../../../platform/packs.ts';
import type * as Supervise from './supervise.ts';

/** The beginning of the supervisor, which loads the rest. */

/** The build's name for its pack. */
declare const AUTOLAB_SUPERVISOR: string;

const { exports, keep } = loadPacked(__dirname, AUTOLAB_SUPERVISOR, './supervise.js', 'supervisor');
const { superviseRun } = exports as typeof Supervise;
// As Node does for a module: if nothing is left to do before the end, that is no success.
process.exitCode = 13;
void superviseRun(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
  keep();
});
