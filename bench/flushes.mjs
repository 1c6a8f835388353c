import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inMilliseconds, interleaved, QUICK, secondsOfProgram } from './measure.mjs';
import { AUTOLAB, makeProject, rewind, stateOf, temporaryFolder } from './project.mjs';

const ENTRYPOINT = ['bash', '-c', 'echo {} > "$AUTOLAB_RUN_DIR/metrics.json"'];
/** What an fsync takes on a spinning disk, or over NFS. */
const SLOW_MS = 5;

/** How often a launch waits for the disk, and what that takes on a slow one. */
export async function flushes() {
  const cwd = makeProject(ENTRYPOINT);
  const state = stateOf(cwd);
  const record = join(temporaryFolder(), 'calls');
  const traced = (words) => {
    rewind(cwd, state);
    const strace = ['strace', '-f', '--seccomp-bpf', '-o', record, '-e', 'trace=fsync,fdatasync', ...words];
    return secondsOfProgram([...strace, ...AUTOLAB, 'launch', '--quiet'], { cwd });
  };
  const slow = ['-e', `inject=fsync,fdatasync:delay_exit=${SLOW_MS * 1000}`];
  const taken = await interleaved(QUICK ? 3 : 7, { fast: () => traced([]), slow: () => traced(slow) });
  traced([]);
  const count = readFileSync(record, 'utf8')
    .split('\n')
    .filter((line) => /f(data)?sync\(/.test(line)).length;
  const local = { against: '', aim: '' };
  return [
    { what: 'flushes (fsync) of a local launch', measured: String(count), ratio: '', ...local },
    {
      what: `a local launch where each of them takes ${SLOW_MS} ms more`,
      measured: `+ ${inMilliseconds(taken.slow - taken.fast)}`,
      ratio: '',
      ...local,
    },
  ];
}
