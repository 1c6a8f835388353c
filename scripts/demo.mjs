// npm run demo: from a fresh clone to a table of results and a page with the curves. Takes a script and its data in a new temporary repository through
// the whole loop with the built program: new, approve, launch, extract, document, decide. Works without a terminal.
// npm run demo:slurm: the same on a real Slurm, which it starts on this machine (npm run slurm:down stops it).
// npm run demo:sweep: the example with many tasks: launch, tasks, statistics.
import { spawnSync } from 'node:child_process';
import { appendFileSync, copyFileSync, mkdtempSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './lib/builder.mjs';
import { pathLine } from './lib/path-line.mjs';
import { ROOT } from './lib/paths.mjs';
import { prepare } from './lib/prerequisites.mjs';

const AUTOLAB = join(ROOT, 'bin/autolab.js');
const [kind = 'local'] = process.argv.slice(2);
const where = kind === 'slurm' ? 'slurm' : 'local';
const EXPERIMENT = kind === 'sweep' ? 'iter1' : 'penguins';
/** All that the demo's user brings. */
const FILES = ['train.mjs', 'penguins.csv'];

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

function shown(word) {
  return /^[\w./:=@-]+$/.test(word) ? word : `'${word}'`;
}

function autolab(project, ...words) {
  say(`\n$ autolab ${words.map(shown).join(' ')}`);
  show([process.execPath, AUTOLAB, ...words], project, clusterEnv);
}

/** A commit, so that the record can say what code ran. The identity is the demo's: yours may not be set up here. */
function commit(project, message) {
  const identity = { NAME: 'autolab demo', EMAIL: 'demo@localhost' };
  const env = Object.fromEntries(
    ['AUTHOR', 'COMMITTER'].flatMap((who) =>
      Object.entries(identity).map(([what, value]) => [`GIT_${who}_${what}`, value]),
    ),
  );
  show(['git', 'add', '--all'], project);
  show(['git', '-c', 'commit.gpgsign=false', 'commit', '--quiet', '--no-verify', '--message', message], project, env);
}

function makeProject() {
  const project = realpathSync(mkdtempSync(join(tmpdir(), 'autolab-demo-')));
  say(`\nA repository with a script and its data: ${project} (${FILES.join(', ')})`);
  for (const file of FILES) copyFileSync(join(ROOT, 'templates/example-local', file), join(project, file));
  show(['git', 'init', '--quiet', '--initial-branch=main'], project);
  commit(project, 'A script that tells penguins apart');
  autolab(project, 'init');
  if (where === 'local')
    appendFileSync(
      join(project, '.autolab/launch.yaml'),
      "\n# Written by the demo: it belongs on this machine, also where Slurm's commands happen to be installed.\nhost_mode: local\n",
    );
  return project;
}

const DESIGN = ['--on', where, '--time', '00:05:00', '--memory', '1G', '--artifact', 'metrics.json'];
const MEASURE = ['--metric', 'accuracy:max', '--baseline', 'majority=0.4415'];
const COMMAND = ['node', 'train.mjs', '--epochs', '600', '--out', '{{run_dir}}'];

/** From an idea to a record, and to the decision. */
function takeThrough(project) {
  autolab(project, 'new', EXPERIMENT, ...DESIGN, ...MEASURE, '--', ...COMMAND);
  commit(project, 'Design an experiment');
  autolab(project, 'approve', '--by', 'you', '--yes');
  autolab(project, 'launch');
  autolab(project, 'extract');
  autolab(project, 'document');
  autolab(project, 'decide', 'stop', '--by', 'you', '--note', 'better than the baseline');
}

/** The example of many tasks: three seeds of four learning rates, one run. */
function makeSweep() {
  const project = realpathSync(mkdtempSync(join(tmpdir(), 'autolab-demo-')));
  say(`\nA classifier, four learning rates, three seeds each: 12 tasks in ${project}`);
  autolab(project, 'init', '--example', 'sweep');
  show(['git', 'init', '--quiet', '--initial-branch=main'], project);
  commit(project, 'An example of many tasks');
  return project;
}

function takeSweepThrough(project) {
  autolab(project, 'launch');
  autolab(project, 'tasks');
  autolab(project, 'extract');
  say(`\n${join('experiments', EXPERIMENT, 'summary.md')}:\n`);
  say(readFileSync(join(project, 'experiments', EXPERIMENT, 'summary.md'), 'utf8').trim());
  autolab(project, 'document');
  autolab(project, 'decide', 'stop', '--by', 'you', '--note', 'a rate of 0.1 is the best of four, over three seeds');
}

/** The folder of the one run, relative to the project. */
function runFolderOf(project) {
  const runs = join('experiments', EXPERIMENT, 'runs');
  return join(runs, readdirSync(join(project, runs)).sort().at(-1));
}

/** A cluster of this checkout's own, on this machine; it stays up for whoever wants to try more. */
async function startCluster() {
  const { up } = await import('./lib/slurm/cluster.mjs');
  say('Starting a Slurm cluster on this machine. Stop it with: npm run slurm:down');
  const { env } = await up({ log: say });
  return env;
}

function sayRecord(project) {
  const folder = runFolderOf(project);
  const { run_id: runId } = JSON.parse(readFileSync(join(project, folder, 'run_manifest.json'), 'utf8'));
  autolab(project, 'show', runId);
  say(`\ndocs/results.md:\n`);
  say(readFileSync(join(project, 'docs/results.md'), 'utf8').trim());
  return runId;
}

function sayWhatNext(project, runId) {
  say(`\nThe project stays where it is. Try next:\n`);
  say(`  cd ${project}`);
  say(`  ${pathLine(ROOT)}`);
  for (const [name, value] of Object.entries(clusterEnv)) say(`  export ${name}=${value}`);
  const more = kind === 'sweep' ? [`tasks ${runId} --sort accuracy`, `logs ${runId} --task 3`] : [];
  const again = `rerun ${runId} --set epochs=300 --by you --launch`;
  for (const words of ['next', 'runs', ...more, `logs ${runId}`, `verify ${runId}`, `manifest ${runId} --check`, again])
    say(`  autolab ${words}`);
  say(
    `\nThe page of the run${kind === 'sweep' ? ' and its tasks' : ', with its curves'}: file://${join(project, runFolderOf(project), 'report.html')}`,
  );
}

// Ctrl-C is for the launch, which cancels the run and says so; the demo ends after it.
process.on('SIGINT', () => {});

try {
  await prepare(say);
  await build({ types: false, log: say });
  if (where === 'slurm') clusterEnv = await startCluster();
  const project = kind === 'sweep' ? makeSweep() : makeProject();
  if (kind === 'sweep') takeSweepThrough(project);
  else takeThrough(project);
  sayWhatNext(project, sayRecord(project));
} catch (error) {
  process.stderr.write(`demo: ${error.message}\n`);
  process.exitCode = 1;
}
