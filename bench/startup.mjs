import { compare, interleaved, QUICK, secondsOfProgram } from './measure.mjs';
import { AUTOLAB, makeProject } from './project.mjs';

/** What it costs to type a command, beside what Node itself costs. */
export async function startup() {
  const cwd = makeProject(['true']);
  const taken = await interleaved(QUICK ? 7 : 31, {
    node: () => secondsOfProgram([process.execPath, '-e', '0'], { cwd }),
    version: () => secondsOfProgram([...AUTOLAB, '--version'], { cwd }),
    status: () => secondsOfProgram([...AUTOLAB, 'status'], { cwd }),
  });
  const node = { name: '`node -e 0`', seconds: taken.node };
  return [
    compare('`autolab --version`', { seconds: taken.version }, node, '< 1.5'),
    compare('`autolab status`', { seconds: taken.status }, node, '< 2'),
  ];
}
