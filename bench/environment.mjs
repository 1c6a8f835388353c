import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { compare, interleaved, QUICK, secondsOfProgram } from './measure.mjs';
import { AUTOLAB, makeProject } from './project.mjs';

const ENTRYPOINTS = {
  bash: ['bash', '-c', 'echo {} > "$AUTOLAB_RUN_DIR/metrics.json"'],
  python3: ['python3', '-c', 'import os; open(os.environ["AUTOLAB_RUN_DIR"] + "/metrics.json", "w").write("{}")'],
};
const AGAINST = { bash: ['bash', '-c', ':'], python3: ['python3', '-c', 'pass'] };

/** What a run waits for, until its environment is written down: beside the start of the interpreter alone. */
export async function environment() {
  const rows = [];
  for (const [name, entrypoint] of Object.entries(ENTRYPOINTS)) {
    if (spawnSync(...firstAndRest(AGAINST[name])).status !== 0) continue;
    const cwd = makeProject(entrypoint);
    secondsOfProgram([...AUTOLAB, 'launch', '--quiet'], { cwd });
    const runs = join(cwd, 'experiments/iter1/runs');
    const script = join(runs, readdirSync(runs).sort().at(-1), 'receipt/environment.sh');
    const taken = await interleaved(QUICK ? 5 : 21, {
      script: () => secondsOfProgram(['bash', '-p', '--', script], { cwd }),
      bare: () => secondsOfProgram(AGAINST[name], { cwd }),
    });
    const what = `the environment of a run, entrypoint ${name}`;
    rows.push(compare(what, { seconds: taken.script }, { name: AGAINST[name].join(' '), seconds: taken.bare }, ''));
  }
  return rows;
}

function firstAndRest([command, ...words]) {
  return [command, words];
}
