// The node of one job: `node runner.mjs JOBID`. Starts the script, keeps its time limit, carries out what was asked of it
// (a cancel, a fault), and writes down how it ended.
import { spawn } from 'node:child_process';
import { appendFileSync, closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { sleep } from './answer.mjs';
import { faultNamed } from './faults.mjs';
import { isFinal } from './job.mjs';
import { changeJob, openStore, readJob, readJson } from './store.mjs';
import { localTime } from './text.mjs';

const store = openStore(process.env['AUTOLAB_FAKE_SLURM']);
const id = Number(process.argv[2]);
const LOOK_SECONDS = 0.03;

await waitForOther();
await sleep(store.config.pending_seconds);
while ((await runOnce()) === 'requeued') await sleep(store.config.pending_seconds);

/** A fault: it starts after another job has ended. */
async function waitForOther() {
  const other = faultNamed(readJob(store, id).faults, 'starts_after')?.job;
  if (other === undefined) return;
  while ((readJob(store, other)?.ended_at ?? null) === null) await sleep(LOOK_SECONDS);
}

async function runOnce() {
  const job = changeJob(store, id, (now) => {
    if (now.state !== 'PENDING' || now.priority === 0) return null;
    if (now.too_big) return { ...now, priority: 0, reason: 'BadConstraints' };
    return { ...now, state: 'RUNNING', reason: 'None', started_at: Date.now() };
  });
  if (job === null || job.state !== 'RUNNING') return 'over';
  const logs = openLogs(job);
  if (logs === null) return end({ state: 'FAILED', signal: 53 });
  const child = spawn(join(store.folder, 'spool', String(id), 'slurm_script'), job.args, {
    cwd: job.chdir,
    env: environmentOf(job),
    detached: true,
    stdio: ['ignore', logs.output, logs.error],
  });
  const exited = new Promise((resolve) => {
    child.on('exit', (code, signal) => resolve({ code, signal }));
    child.on('error', () => resolve({ code: 2, signal: null }));
  });
  const ending = await watch(job, child, exited);
  closeSync(logs.output);
  if (logs.error !== logs.output) closeSync(logs.error);
  return ending;
}

async function watch(job, child, exited) {
  let exit = null;
  void exited.then((value) => {
    exit = value;
  });
  for (;;) {
    if (exit !== null) return ended(job, exit);
    const now = readJob(store, id);
    const ran = (Date.now() - job.started_at) / 1000;
    if (now.cancelled_by !== null) {
      tell(job, `*** JOB ${id} ON ${store.config.node} CANCELLED AT ${localTime(Date.now())} ***`);
      await stop(child, exited);
      return end({ state: 'CANCELLED', steps: [batch('CANCELLED', 0, 15)] });
    }
    if (ran > job.time_limit_seconds) {
      tell(job, `*** JOB ${id} ON ${store.config.node} CANCELLED AT ${localTime(Date.now())} DUE TO TIME LIMIT ***`);
      await stop(child, exited);
      return end({ state: 'TIMEOUT', steps: [batch('CANCELLED', 0, 15)] });
    }
    const due = (name) => {
      const fault = faultNamed(job.faults, name);
      return fault !== null && ran >= (fault.after_seconds ?? 0.5);
    };
    if (due('node_fail')) {
      kill(child, 'SIGKILL');
      await exited;
      return end({ state: 'NODE_FAIL', steps: [batch('CANCELLED', 0, 0)] });
    }
    if (due('preempt')) {
      tell(job, `*** JOB ${id} ON ${store.config.node} CANCELLED AT ${localTime(Date.now())} DUE TO PREEMPTION ***`);
      await stop(child, exited);
      return end({ state: 'PREEMPTED', steps: [batch('CANCELLED', 0, 15)] });
    }
    if (due('requeue') && job.restarts === 0) {
      await stop(child, exited);
      return requeue();
    }
    if (now.requeue_asked === true) {
      await stop(child, exited);
      return requeue();
    }
    await sleep(LOOK_SECONDS);
  }
}

function ended(job, exit) {
  const code = exit.code ?? 0;
  const signal = exit.signal === null ? 0 : constants.signals[exit.signal];
  const good = code === 0 && signal === 0;
  if (faultNamed(job.faults, 'out_of_memory') !== null) {
    tell(job, `Detected 1 oom_kill event in StepId=${id}.batch. Some of the step tasks have been OOM Killed.`);
    return end({ state: 'OUT_OF_MEMORY', signal: 125, steps: [batch('OUT_OF_MEMORY', 0, 125)] });
  }
  const steps = [batch(good ? 'COMPLETED' : signal === 0 ? 'FAILED' : 'CANCELLED', code, signal)];
  if (faultNamed(job.faults, 'step_out_of_memory') !== null)
    steps.push({ step: '0', state: 'OUT_OF_MEMORY', exit_code: 0, signal: 125, max_rss: '' });
  const forced = faultNamed(job.faults, 'state');
  if (forced !== null) {
    const [forcedCode, forcedSignal] = (forced.exit_code ?? `${code}:${signal}`).split(':').map(Number);
    return end({ state: forced.state, code: forcedCode, signal: forcedSignal, steps });
  }
  return end({ state: good ? 'COMPLETED' : 'FAILED', code, signal, steps });
}

function batch(state, exit_code, signal) {
  return { step: 'batch', state, exit_code, signal, max_rss: state === 'COMPLETED' ? '10240K' : '' };
}

function end({ state, code = 0, signal = 0, steps = [batch('CANCELLED', 0, signal)] }) {
  changeJob(store, id, (job) =>
    isFinal(job.state) ? null : { ...job, state, exit_code: code, signal, steps, ended_at: Date.now() },
  );
  return 'ended';
}

/** The same id, another start: the earlier one stays in the books. */
function requeue() {
  changeJob(store, id, (job) => {
    const before = { ...job, state: 'REQUEUED', ended_at: Date.now(), steps: [batch('CANCELLED', 0, 15)], earlier: [] };
    return {
      ...job,
      state: 'PENDING',
      reason: 'BeginTime',
      requeue_asked: false,
      started_at: null,
      submitted_at: Date.now(),
      restarts: job.restarts + 1,
      earlier: [...job.earlier, before],
    };
  });
  return 'requeued';
}

async function stop(child, exited) {
  kill(child, 'SIGCONT');
  kill(child, 'SIGTERM');
  await Promise.race([exited, sleep(store.config.kill_wait_seconds)]);
  kill(child, 'SIGKILL');
  await exited;
}

function kill(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Gone already.
  }
}

/** null where slurmd could not open them. */
function openLogs(job) {
  try {
    const mode = job.restarts === 0 ? 'w' : 'a';
    const output = openSync(job.output, mode);
    return { output, error: job.error === null || job.error === job.output ? output : openSync(job.error, mode) };
  } catch {
    return null;
  }
}

/** The daemon writes into the job's own log. */
function tell(job, words) {
  appendFileSync(job.error ?? job.output, `slurmstepd: error: ${words}\n`);
}

function environmentOf(job) {
  return {
    ...readJson(join(store.folder, 'spool', String(id), 'environment.json')),
    SLURM_JOB_ID: String(id),
    SLURM_JOBID: String(id),
    SLURM_JOB_NAME: job.name,
    SLURM_JOB_PARTITION: job.partition,
    SLURM_JOB_NODELIST: store.config.node,
    SLURMD_NODENAME: store.config.node,
    SLURM_CPUS_ON_NODE: String(job.cpus),
    SLURM_SUBMIT_DIR: job.chdir,
    ...(job.restarts === 0 ? {} : { SLURM_RESTART_COUNT: String(job.restarts) }),
  };
}
