import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endTemporary, temporaryCluster } from '../scripts/lib/slurm/temporary.mjs';
import { compare, inSeconds, median, QUICK, secondsOfProgram } from './measure.mjs';
import { launched, makeProject, rewind, stateOf, temporaryFolder } from './project.mjs';
import { startSshd } from './sshd.mjs';

/** So much goes there, and as much comes back. */
const FILES = QUICK ? 1000 : 10_000;
const LARGE_MIB = QUICK ? 200 : 2048;

/**
 * Writes the data of a bench into a folder: small files, and a large one that does not compress. Everything begins with what
 * was written before on the disk: otherwise whoever comes later waits for it.
 */
const DATA = (folder) => `mkdir -p ${folder}/small && cd ${folder} && seq ${FILES} | split -l 1 -a 4 - small/f. \\
  && head -c ${LARGE_MIB}M /dev/urandom > large && sync`;

/** Launches on a Slurm behind ssh, against what people do by hand; one cluster, one sshd, one run. */
export async function ssh() {
  let cluster;
  let far;
  try {
    cluster = await temporaryCluster({});
    far = await startSshd(cluster.env);
  } catch (error) {
    if (cluster !== undefined) await endTemporary(cluster.folder);
    return [{ what: `Slurm behind ssh (${error.message})`, measured: '', against: '', ratio: '', aim: '' }];
  }
  try {
    return [...(await transfers(far)), ...(await small(far))];
  } finally {
    await far.end();
    await endTemporary(cluster.folder);
  }
}

/** The two transfers of launches, as their journals time them, in turns with plain rsync over ssh. */
async function transfers(far) {
  const root = farProject(far, `${DATA('"$AUTOLAB_RUN_DIR"')}; echo {} > metrics.json`, true);
  const state = stateOf(root);
  const env = { ...process.env, ...far.env };
  const taken = { send: [], bring: [], rsyncThere: [], rsyncBack: [] };
  for (let round = 0; round < (QUICK ? 1 : 3); round += 1) {
    rewind(root, state);
    const runId = (await launched(root, env)).manifest.run_id;
    taken.send.push(secondsOfStep(root, runId, 'sync_to_remote'));
    taken.bring.push(secondsOfStep(root, runId, 'sync_artifacts_to_local'));
    const trees = join(far.home, 'runs/.autolab/worktrees');
    const there = join(trees, runId, 'experiments/iter1/runs', runId);
    // By its whole path: sshd begins in the account's real home, whatever HOME says.
    const [byHand, back] = [join(far.home, 'by-hand'), temporaryFolder()];
    spawnSync('sync');
    taken.rsyncThere.push(secondsOfProgram(['rsync', '-a', `${root}/data/`, `far:${byHand}/`], { env }));
    spawnSync('sync');
    taken.rsyncBack.push(secondsOfProgram(['rsync', '-a', `far:${there}/`, `${back}/`], { env }));
    spawnSync('sync');
    // A tree that is left would be copied from over there, instead of sending the files again.
    const gone = [trees, byHand, back, join(root, 'experiments/iter1/runs', runId)];
    for (const folder of gone) rmSync(folder, { recursive: true });
  }
  const what = `${FILES.toLocaleString('en')} files and one of ${LARGE_MIB.toLocaleString('en')} MiB`;
  const row = (name, mine, theirs) =>
    compare(name, { seconds: median(mine) }, { name: '`rsync -a`', seconds: median(theirs) }, '< 1.2', inSeconds);
  return [
    row(`sending ${what} by ssh, digests compared`, taken.send, taken.rsyncThere),
    row(`bringing ${what} back, digests compared`, taken.bring, taken.rsyncBack),
  ];
}

/** A launch of a short job: how often ssh is called, and how long after the job's end everything is here. */
async function small(far) {
  const root = farProject(far, 'cd "$AUTOLAB_RUN_DIR"; sleep 10; echo {} > metrics.json; date +%s.%N > ended', false);
  const state = stateOf(root);
  const late = [];
  const calls = [];
  for (let round = 0; round < (QUICK ? 1 : 3); round += 1) {
    rewind(root, state);
    const before = far.calls().length;
    const { manifest, at } = await launched(root, { ...process.env, ...far.env });
    calls.push(
      far
        .calls()
        .slice(before)
        .filter((call) => !call.includes('-O check')).length,
    );
    late.push(at - Number(readFileSync(join(root, 'experiments/iter1/runs', manifest.run_id, 'ended'), 'utf8')));
  }
  return [
    {
      what: "from a job's end over ssh to the verified manifest here",
      measured: inSeconds(median(late)),
      against: '',
      ratio: '',
      aim: '',
    },
    {
      what: 'round trips of a launch over ssh with a job of 10 s',
      measured: String(Math.max(...calls)),
      against: '1 connection',
      ratio: '',
      aim: '',
    },
  ];
}

function farProject(far, entrypoint, data) {
  const root = makeProject(['bash', '-c', entrypoint]);
  const design = join(root, 'experiments/iter1/design.yaml');
  const text = readFileSync(design, 'utf8').replace('location: local', 'location: slurm');
  writeFileSync(design, text.replace('time: "00:05:00"', 'time: "00:20:00"'));
  mkdirSync(join(far.home, 'runs'), { recursive: true });
  const profile = `{mode: rsync, login_host: far, remote_repo_root: ${join(far.home, 'runs')}}`;
  writeFileSync(join(root, '.autolab/remote_profiles.yaml'), `default_profile: far\nprofiles:\n  far: ${profile}\n`);
  if (data) {
    const { status, stderr } = spawnSync('bash', ['-c', DATA(join(root, 'data'))], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  }
  return root;
}

function secondsOfStep(root, runId, step) {
  const lines = readFileSync(join(root, 'experiments/iter1/runs', runId, 'journal.jsonl'), 'utf8')
    .trimEnd()
    .split('\n');
  const times = lines.map((line) => JSON.parse(line)).filter((line) => line.step === step);
  return (Date.parse(times.at(-1).at) - Date.parse(times[0].at)) / 1000;
}
