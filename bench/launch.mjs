import { compare, inMilliseconds, interleaved, median, QUICK, secondsOfProgram } from './measure.mjs';
import { AUTOLAB, lastManifest, makeProject, rewind, stateOf, temporaryFolder } from './project.mjs';

const ENTRYPOINT = ['bash', '-c', 'sleep 0.2; echo {} > "$AUTOLAB_RUN_DIR/metrics.json"'];

/** Everything a launch does besides the entrypoint: gates, probes, git, digests, fsyncs, verification, records. */
export async function launch() {
  const cwd = makeProject(ENTRYPOINT);
  const state = stateOf(cwd);
  const bareFolder = temporaryFolder();
  const own = [];
  const taken = await interleaved(QUICK ? 3 : 9, {
    bare: () => secondsOfProgram(ENTRYPOINT, { cwd, env: { ...process.env, AUTOLAB_RUN_DIR: bareFolder } }),
    launch: () => {
      rewind(cwd, state);
      const seconds = secondsOfProgram([...AUTOLAB, 'launch', '--quiet'], { cwd });
      own.push(lastManifest(cwd).usage.used.wall_seconds);
      return seconds;
    },
  });
  const overhead = taken.launch - median(own);
  return [
    {
      what: 'a local launch, all but the entrypoint',
      measured: inMilliseconds(overhead),
      against: '',
      ratio: '',
      aim: '< 500 ms',
    },
    compare('a local launch, whole', { seconds: taken.launch }, { name: 'the bare command', seconds: taken.bare }, ''),
  ];
}
