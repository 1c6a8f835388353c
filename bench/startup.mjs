import {
  CLEAN_ENV,
  compareInstructions,
  compareRounds,
  instructionsOf,
  inTurns,
  QUICK,
  secondsOfProgram,
} from './measure.mjs';
import { AUTOLAB, makeProject } from './project.mjs';

/** What it costs to type a command, beside what Node itself costs. */
export async function startup() {
  const options = { cwd: makeProject(['true']), env: CLEAN_ENV };
  const node = [process.execPath, '-e', '0'];
  const version = [...AUTOLAB, '--version'];
  const status = [...AUTOLAB, 'status'];
  const taken = await inTurns(QUICK ? 7 : 31, {
    node: () => secondsOfProgram(node, options),
    version: () => secondsOfProgram(version, options),
    status: () => secondsOfProgram(status, options),
  });
  const against = { name: '`node -e 0`', rounds: taken.node, instructions: instructionsOf(node, options) };
  const counted = (what, argv) => compareInstructions(what, instructionsOf(argv, options), against, '');
  return [
    compareRounds('`autolab --version`', taken.version, against, '< 1.1'),
    compareRounds('`autolab status`', taken.status, against, '< 1.5'),
    ...counted('`autolab --version`', version),
    ...counted('`autolab status`', status),
  ];
}
