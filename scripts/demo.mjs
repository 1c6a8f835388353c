// npm run demo: from a fresh clone to a finished run. Makes the example project in a new temporary folder, launches it with
// the built program, and shows what came of it. Works without a terminal.
// npm run demo:slurm: the same on a real Slurm, which it starts on this machine (npm run slurm:down stops it).
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './lib/builder.mjs';
import { summaryOf } from './lib/demo-summary.mjs';
import { pathLine } from './lib/path-line.mjs';
import { ROOT } from './lib/paths.mjs';
import { prepare } from './lib/prerequisites.mjs';

const AUTOLAB = join(ROOT, 'bin/autolab.js');
const example = process.argv[2] === 'slurm' ? 'slurm' : 'local';

function say(line = '') {
  process.stdout.write(`${line}\n`);
}

/** Runs a command of the demo in front of the reader's eyes. Throws where it fails. */
function show(argv, cwd, env = {}) {
  const [command, ...words] = argv;
  const { status, error } = spawnSync(command, words, { cwd, stdio: 'inherit', env: { ...process.env, ...env } });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`\`${argv.join(' ')}\` ended with status ${String(status)}.`);
}

/** What the commands of the demo need in their environment: for Slurm, where the cluster is. */
let clusterEnv = {};

function autolab(project, ...words) {
  say(`\n$ autolab ${words.join(' ')}`);
  show([process.execPath, AUTOLAB, ...words], project, clusterEnv);
}

function makeProject(project) {
  autolab(project, 'init', '--example', example);
  if (example === 'local')
    appendFileSync(
      join(project, '.autolab/launch.yaml'),
      "\n# Written by the demo: it belongs on this machine, also where Slurm's commands happen to be installed.\nhost_mode: local\n",
    );
  // A commit, so that the record can say what code ran. The identity is the demo's: yours may not be set up here.
  const identity = { NAME: 'autolab demo', EMAIL: 'demo@localhost' };
  const env = Object.fromEntries(
    ['AUTHOR', 'COMMITTER'].flatMap((who) =>
      Object.entries(identity).map(([what, value]) => [`GIT_${who}_${what}`, value]),
    ),
  );
  show(['git', 'init', '--quiet', '--initial-branch=main'], project);
  show(['git', 'add', '--all'], project);
  show(
    ['git', '-c', 'commit.gpgsign=false', 'commit', '--quiet', '--no-verify', '--message', 'An approved experiment'],
    project,
    env,
  );
}

/** The folder of the one run, relative to the project. */
function runFolderOf(project) {
  const [iteration] = readdirSync(join(project, 'experiments'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  const runs = join('experiments', iteration.name, 'runs');
  return join(runs, readdirSync(join(project, runs)).sort().at(-1));
}

/** A cluster of this checkout's own, on this machine; it stays up for whoever wants to try more. */
async function startCluster() {
  const { up } = await import('./lib/slurm/cluster.mjs');
  say('Starting a Slurm cluster on this machine. Stop it with: npm run slurm:down');
  const { env } = await up({ log: say });
  return env;
}

// Ctrl-C is for the launch, which cancels the run and says so; the demo ends after it.
process.on('SIGINT', () => {});

try {
  await prepare(say);
  await build({ types: false, log: say });
  if (example === 'slurm') clusterEnv = await startCluster();
  const project = realpathSync(mkdtempSync(join(tmpdir(), 'autolab-demo-')));
  makeProject(project);
  autolab(project, 'launch');
  const folder = runFolderOf(project);
  const manifest = JSON.parse(readFileSync(join(project, folder, 'run_manifest.json'), 'utf8'));
  say(`\nRecorded in ${join(project, folder)}/run_manifest.json:\n`);
  for (const [name, value] of summaryOf(manifest)) say(`  ${name.padEnd(12)} ${value}`);
  say(`\nThe project stays where it is. Try next:\n`);
  say(`  cd ${project}`);
  say(`  ${pathLine(ROOT)}`);
  for (const [name, value] of Object.entries(clusterEnv)) say(`  export ${name}=${value}`);
  for (const words of [
    'status',
    'runs',
    `logs ${manifest.run_id}`,
    `verify ${manifest.run_id}`,
    `manifest ${manifest.run_id} --check`,
  ]) {
    say(`  autolab ${words}`);
  }
} catch (error) {
  process.stderr.write(`demo: ${error.message}\n`);
  process.exitCode = 1;
}
