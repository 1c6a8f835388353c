import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compare, QUICK, secondsOfProgram } from './measure.mjs';
import { AUTOLAB, makeProject } from './project.mjs';

const ROWS = QUICK ? 10 : 100;
const COUNT = ROWS * 100;

/** What a run with very many, very short tasks on this machine costs for each, one after another. */
export function tasks() {
  const root = makeProject(['true']);
  const numbers = (count) => `[${Array.from({ length: count }, (_, index) => index).join(', ')}]`;
  const design = join(root, 'experiments/iter1/design.yaml');
  const text = readFileSync(design, 'utf8').replace(/artifacts:.*\n/, '');
  const grid = `{a: ${numbers(ROWS)}, b: ${numbers(100)}}`;
  writeFileSync(design, `${text}tasks: {grid: ${grid}, max_parallel: 1}\n`);
  const loop = (command) => `for ((i = 0; i < ${COUNT}; i++)); do ${command}; done`;
  const each = (command) => secondsOfProgram(['bash', '-c', loop(command)]) / COUNT;
  const before = { itself: each('/bin/true'), bash: each('bash -c true') };
  const [command, ...words] = [...AUTOLAB, 'launch', '--quiet'];
  const { status, stderr } = spawnSync(command, words, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`autolab launch ended with ${status}:\n${stderr}`);
  const itself = (before.itself + each('/bin/true')) / 2;
  const bare = { name: '`bash -c true`', seconds: (before.bash + each('bash -c true')) / 2 };
  const runs = join(root, 'experiments/iter1/runs');
  const { wall_seconds: wall } = JSON.parse(
    readFileSync(join(runs, readdirSync(runs)[0], 'receipt/exit.json'), 'utf8'),
  );
  const overhead = { seconds: wall / COUNT - itself };
  return [
    compare(`each of ${COUNT} local tasks of \`true\`, one at a time, beyond starting it`, overhead, bare, '< 2'),
  ];
}
