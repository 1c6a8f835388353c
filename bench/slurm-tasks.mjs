import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inSeconds, median, QUICK } from './measure.mjs';
import { highWaterOf } from './memory.mjs';
import { launched, makeProject, rewind, stateOf, temporaryFolder } from './project.mjs';
import { onTemporaryCluster } from './slurm.mjs';

const FEW = 100;
const MANY = QUICK ? 200 : 1000;
const WORKERS = 8;
const ROUNDS = QUICK ? 1 : 2;
/** What a run's job reads: autolab puts it there before it submits. */
const PREPARED =
  /^(code\.sha256|receipt\/(code\.listing|environment\.sh|list-code\.sh|run_slurm\.sbatch|tasks\.(sh|table)))$/;

/** Runs with many tasks on Slurm, against what people submit by hand; one cluster, one run, in turns. */
export async function slurmTasks() {
  return onTemporaryCluster('many tasks on Slurm', async (env) => [
    ...(await asElements(env)),
    ...(await withWorkers(env)),
  ]);
}

async function asElements(env) {
  const few = await launchOf(projectOf(FEW), env);
  const project = projectOf(MANY);
  const whole = [];
  const bare = [];
  let many;
  for (let round = 0; round < ROUNDS; round += 1) {
    many = await launchOf(project, env);
    whole.push(many.seconds);
    bare.push(await bareArray(project.root, many.folder, env));
  }
  return [
    {
      what: `${MANY.toLocaleString('en')} tasks of \`true\` on Slurm, from the command to the record`,
      measured: inSeconds(median(whole)),
      against: `${inSeconds(median(bare))} (\`sbatch --array\` of the same script, to its last receipt)`,
      ratio: median(whole.map((seconds, round) => seconds / bare[round])).toFixed(2),
      aim: '≤ 1.15',
    },
    {
      what: 'memory of the driver meanwhile',
      measured: `${Math.round(many.peakKiB / 1024)} MiB`,
      against: `${Math.round(few.peakKiB / 1024)} MiB (of ${FEW})`,
      ratio: (many.peakKiB / few.peakKiB).toFixed(2),
      aim: '< 120 MiB',
    },
    {
      what: 'its journal',
      measured: `${many.journal.length} lines in ${inSeconds(many.seconds)}`,
      against: `${few.journal.length} lines in ${inSeconds(few.seconds)} (of ${FEW})`,
      ratio: (many.journal.length / few.journal.length).toFixed(2),
      aim: 'grows with chunks, not tasks',
    },
    {
      what: 'its questions to the scheduler',
      measured: `${many.watching} for watching, ${many.submitting} for submitting ${many.chunks}`,
      against: `${few.watching} and ${few.submitting} for ${few.chunks} (of ${FEW})`,
      ratio: '',
      aim: '≤ 20 an hour, and ≤ 4 an array',
    },
  ];
}

async function withWorkers(env) {
  const project = projectOf(MANY, `, workers: ${WORKERS}`);
  const rounds = [];
  for (let round = 0; round < 2 * ROUNDS + 1; round += 1) {
    const run = await launchOf(project, env);
    rounds.push({ run: run.seconds, work: workOf(run.folder), ...(await bareLoop(env)) });
  }
  const of = (key) => median(rounds.map((round) => round[key]));
  const row = (what, mine, theirs, words) => ({
    what,
    measured: inSeconds(of(mine)),
    against: `${inSeconds(of(theirs))} (${words})`,
    ratio: median(rounds.map((round) => round[mine] / round[theirs])).toFixed(2),
    aim: '≤ 3',
  });
  const loop = `${WORKERS} elements that loop over \`/bin/true\``;
  return [
    row(
      `the same with \`workers: ${WORKERS}\`, from the command to the record`,
      'run',
      'bare',
      `${loop}, to the last end`,
    ),
    row('what the workers take of it', 'work', 'loop', 'the loops alone'),
  ];
}

/** Seconds from the start of the first worker to the end of the last task. */
function workOf(folder) {
  const receipts = join(folder, 'receipts');
  const timesIn = (pattern, key) =>
    readdirSync(receipts)
      .filter((name) => pattern.test(name))
      .map((name) => Date.parse(JSON.parse(readFileSync(join(receipts, name), 'utf8'))[key]));
  const last = Math.max(...timesIn(/\.exit$/, 'ended_at'));
  return (last - Math.min(...timesIn(/^claim\./, 'element_started_at'))) / 1000;
}

function projectOf(count, more = '') {
  const numbers = Array.from({ length: count }, (_, i) => i);
  const root = makeProject(['true', '{{task.i}}'], {
    change: (text) =>
      `${text.replace('location: local', 'location: slurm').replace('memory: 1G', 'memory: 100M').replace('[metrics.json]', '[]')}tasks: {grid: {i: [${numbers.join(', ')}]}${more}}\n`,
  });
  return { root, state: stateOf(root) };
}

/** A launch from its beginning to its end, and what it left. */
async function launchOf({ root, state }, env) {
  rewind(root, state);
  let peakKiB = 0;
  const began = Date.now() / 1000;
  const { manifest, at } = await launched(root, env, [], (pid) => {
    peakKiB = Math.max(peakKiB, highWaterOf(pid));
  });
  const folder = join(root, 'experiments/iter1/runs', manifest.run_id);
  const journal = readFileSync(join(folder, 'journal.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const reads = journal.filter(({ event }) => event === 'scheduler.read');
  const submitting = reads.filter(({ step }) => step === 'submit').length;
  return {
    ...{ folder, journal, peakKiB, submitting },
    seconds: at - began,
    watching: reads.length - submitting,
    chunks: manifest.slurm.jobs.length,
  };
}

/** Seconds that an array of the same script takes in a folder as autolab prepares it, to the last receipt of a task. */
async function bareArray(root, folder, slurmEnv) {
  const copy = temporaryFolder();
  for (const name of readdirSync(folder, { recursive: true }).filter((path) => PREPARED.test(path))) {
    mkdirSync(dirname(join(copy, name)), { recursive: true });
    copyFileSync(join(folder, name), join(copy, name));
  }
  for (const name of ['receipts', 'logs']) mkdirSync(join(copy, name));
  const env = {
    ...slurmEnv,
    ...{ AUTOLAB_RUN_ID: 'bare', AUTOLAB_ITERATION_ID: 'iter1', AUTOLAB_RUN_DIR: copy, AUTOLAB_REPO_ROOT: root },
    ...{ AUTOLAB_CHUNK_OFFSET: '0', AUTOLAB_TASK_COUNT: String(MANY), AUTOLAB_TASKS: '1' },
  };
  const log = join(copy, 'logs/slurm-%A_%a.out');
  const words = [`--array=0-${MANY - 1}`, `--chdir=${root}`, `--output=${log}`, `--error=${log}`, '--no-requeue'];
  const began = performance.now();
  submit([...words, join(copy, 'receipt/run_slurm.sbatch')], env);
  await untilFiles(join(copy, 'receipts'), '.exit', MANY);
  return (performance.now() - began) / 1000;
}

/**
 * Seconds that the elements of a bare array take for the same number of tasks: from `sbatch` to the last end of an element,
 * and from the first begin of a loop.
 */
async function bareLoop(env) {
  const folder = temporaryFolder();
  const script = join(folder, 'loop.sh');
  const loop = `for ((i = 0; i < ${MANY / WORKERS}; i++)); do /bin/true "$i"; done`;
  const ends = '"$FOLDER/$SLURM_ARRAY_TASK_ID.exit"';
  writeFileSync(script, `#!/bin/bash\nfrom=$(date +%s.%N)\n${loop}\necho "$from $(date +%s.%N)" > ${ends}\n`);
  const words = [`--array=0-${WORKERS - 1}`, '--time=5', '--mem=100M', `--output=${folder}/%a.out`, script];
  const began = performance.now();
  submit(words, { ...env, FOLDER: folder });
  await untilFiles(folder, '.exit', WORKERS);
  const bare = (performance.now() - began) / 1000;
  const times = readdirSync(folder)
    .filter((name) => name.endsWith('.exit'))
    .map((name) => readFileSync(join(folder, name), 'utf8').trim().split(' ').map(Number));
  return { bare, loop: Math.max(...times.map(([, to]) => to)) - Math.min(...times.map(([from]) => from)) };
}

function submit(words, env) {
  const { status, stderr } = spawnSync('sbatch', words, { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`sbatch ended with ${status}:\n${stderr}`);
}

async function untilFiles(folder, ending, count) {
  while (readdirSync(folder).filter((name) => name.endsWith(ending)).length < count)
    await new Promise((resolve) => setTimeout(resolve, 100));
}
