import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endTemporary, temporaryCluster } from '../scripts/lib/slurm/temporary.mjs';
import { compare, inSeconds, median, QUICK } from './measure.mjs';
import { launched, makeProject, rewind, stateOf, temporaryFolder } from './project.mjs';

/** Long enough for `sbatch --wait` to have begun to look seldom: it asks after 2 s, then twice as late each time. */
const JOB_SECONDS = 20;
/** The job's last act: when it ended, by the clock of the one machine that all of this runs on. */
const ENTRYPOINT = `sleep ${JOB_SECONDS}; echo {} > "$OUT/metrics.json"; date +%s.%N > "$OUT/ended"`;

/** From the job's end to the finished record, for autolab and for what people write by hand; one cluster, one run. */
export async function slurm() {
  return onTemporaryCluster('a Slurm job', measure);
}

/** The rows that `measure` gives with the environment of a new cluster; one that says why there is none. */
export async function onTemporaryCluster(what, measure) {
  let cluster;
  try {
    cluster = await temporaryCluster({});
  } catch (error) {
    return [{ what: `${what} (no cluster: ${error.message})`, measured: '', against: '', ratio: '', aim: '' }];
  }
  try {
    return await measure({ ...process.env, ...cluster.env });
  } finally {
    await endTemporary(cluster.folder);
  }
}

async function measure(env) {
  const root = makeProject(['bash', '-c', `OUT="$AUTOLAB_RUN_DIR"; ${ENTRYPOINT}`]);
  const design = join(root, 'experiments/iter1/design.yaml');
  writeFileSync(design, readFileSync(design, 'utf8').replace('location: local', 'location: slurm'));
  const state = stateOf(root);
  const late = { autolab: [], byHand: [] };
  const reads = [];
  for (let round = 0; round < (QUICK ? 1 : 3); round += 1) {
    rewind(root, state);
    const { manifest, at } = await launched(root, env);
    late.autolab.push(at - endedAt(join(root, 'experiments/iter1/runs', manifest.run_id, 'ended')));
    reads.push(manifest.slurm.polls);
    late.byHand.push(await byHand(env));
  }
  return [
    compare(
      "from a job's end to the finished manifest",
      { seconds: median(late.autolab) },
      { name: '`sbatch --wait`, `sacct`, `sha256sum`', seconds: median(late.byHand) },
      '< 1 s',
      inSeconds,
    ),
    {
      what: `questions to the scheduler for a job of ${JOB_SECONDS} s`,
      measured: String(Math.max(...reads)),
      against: '1 `sacct`; those of `sbatch --wait` are not counted',
      ratio: '',
      aim: '≤ 20 an hour',
    },
  ];
}

async function byHand(env) {
  const folder = temporaryFolder();
  const script = `OUT='${folder}'; ${ENTRYPOINT}`;
  const words = ['--wait', '--parsable', '--time=5', '--mem=200M', '-o', join(folder, 'out.log'), '--wrap', script];
  const { status, stdout } = await new Promise((resolve) => {
    let stdout = '';
    const child = spawn('sbatch', words, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.on('close', (code) => resolve({ status: code, stdout }));
  });
  if (status !== 0) throw new Error(`sbatch --wait ended with ${status}`);
  const jobId = stdout.trim();
  spawnSync('sacct', ['-j', jobId, '--format=JobID,State,ExitCode,Elapsed,MaxRSS', '--parsable2'], { env });
  spawnSync('sha256sum', [join(folder, 'metrics.json'), join(folder, 'out.log')], { env });
  return Date.now() / 1000 - endedAt(join(folder, 'ended'));
}

function endedAt(path) {
  return Number(readFileSync(path, 'utf8'));
}
