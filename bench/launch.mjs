import {
  CLEAN_ENV,
  compareInstructions,
  compareRounds,
  inMilliseconds,
  instructionsOf,
  inTurns,
  median,
  QUICK,
  secondsOfProgram,
} from './measure.mjs';
import { AUTOLAB, lastManifest, makeProject, rewind, stateOf, temporaryFolder } from './project.mjs';

const ENTRYPOINT = ['bash', '-c', 'sleep 0.2; echo {} > "$AUTOLAB_RUN_DIR/metrics.json"'];
const LAUNCH = [...AUTOLAB, 'launch', '--quiet'];

/** Everything that a launch does: gates, probes, git, digests, fsyncs, verification, records, samples, the page. */
export async function launch() {
  return [...(await ofNothing()), ...(await aroundEntrypoint())];
}

/** A launch of `true`, beside the start of Node, which a launch takes twice: driver and supervisor. */
async function ofNothing() {
  const cwd = makeProject(['true'], { change: (text) => text.replace('[metrics.json]', '[]') });
  const options = { cwd, env: CLEAN_ENV };
  const state = stateOf(cwd);
  const node = [process.execPath, '-e', '0'];
  const launched = (measure) => {
    rewind(cwd, state);
    return measure(LAUNCH, options);
  };
  const taken = await inTurns(QUICK ? 5 : 21, {
    node: () => secondsOfProgram(node, options),
    launch: () => launched(secondsOfProgram),
  });
  const against = { name: '`node -e 0`', rounds: taken.node, instructions: instructionsOf(node, options) };
  const what = 'a local launch of `true`, whole';
  return [
    compareRounds(what, taken.launch, against, '< 6.5'),
    ...compareInstructions(`${what}, the driver`, launched(instructionsOf), against, ''),
  ];
}

/** All but the entrypoint, of one that takes longer than the driver needs to load what comes afterwards. */
async function aroundEntrypoint() {
  const cwd = makeProject(ENTRYPOINT);
  const state = stateOf(cwd);
  const env = { ...CLEAN_ENV, AUTOLAB_RUN_DIR: temporaryFolder() };
  const own = [];
  const taken = await inTurns(QUICK ? 3 : 9, {
    bare: () => secondsOfProgram(ENTRYPOINT, { cwd, env }),
    launch: () => {
      rewind(cwd, state);
      const seconds = secondsOfProgram(LAUNCH, { cwd, env: CLEAN_ENV });
      own.push(lastManifest(cwd).usage.used.wall_seconds);
      return seconds;
    },
  });
  return [
    {
      what: 'a local launch, all but the entrypoint',
      measured: inMilliseconds(median(taken.launch) - median(own)),
      against: '',
      ratio: '',
      aim: '< 500 ms',
    },
    compareRounds('a local launch, whole', taken.launch, { name: 'the bare command', rounds: taken.bare }, ''),
  ];
}
