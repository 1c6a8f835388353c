import { statSync } from 'node:fs';
import { join } from 'node:path';
import { faultNamed } from '../faults.mjs';
import { controllerView, elapsedSeconds, isFinal, stranger } from '../job.mjs';
import { Misuse } from '../misuse.mjs';
import { startRunner } from '../start-runner.mjs';
import { changeJob, readJob } from '../store.mjs';
import { clock, time } from '../text.mjs';

const VERBS = { hold, ping, release, requeue, show, update };

export function scontrol(store, words, faults) {
  const [verb, ...rest] = words;
  if (!Object.hasOwn(VERBS, verb ?? '')) throw new Misuse(`scontrol: ${verb ?? 'nothing'} is not understood`);
  return VERBS[verb](store, rest, faults);
}

function show(store, words, faults) {
  const [what, ...rest] = words;
  if (what === 'config' && rest.length === 0) return config(store);
  if (what === 'node') return node(store, rest, faults);
  if (what !== 'job') throw new Misuse(`scontrol: show ${what} is not understood`);
  const ids = rest.filter((word) => word !== '-o');
  if (ids.length !== 1 || rest.length - ids.length > 1) throw new Misuse('scontrol: show job takes one id and -o');
  const job = seen(store, ids[0], faults);
  if (job === null) return unknownJob('slurm_load_jobs');
  const line = fieldsOf(job, store).map(([name, value]) => `${name}=${value}`);
  return { status: 0, stdout: `${line.join(rest.includes('-o') ? ' ' : '\n   ')}\n`, stderr: '' };
}

function fieldsOf(job, store) {
  const { config } = store;
  return [
    ['JobId', job.id],
    ['JobName', job.name],
    ['UserId', `${job.user.name}(${job.user.id})`],
    ['Priority', job.priority],
    ['QOS', job.qos],
    ['JobState', job.state],
    ['Reason', job.reason.replaceAll(' ', '_')],
    ['Dependency', '(null)'],
    ['Requeue', job.requeue ? 1 : 0],
    ['Restarts', job.restarts],
    ['ExitCode', `${job.exit_code}:${job.signal}`],
    ['RunTime', clock(elapsedSeconds(job, Date.now()))],
    ['TimeLimit', clock(job.time_limit_seconds)],
    ['SubmitTime', time(job.submitted_at, 'Unknown')],
    ['StartTime', time(job.started_at, 'Unknown')],
    ['EndTime', time(job.ended_at, 'Unknown')],
    ['Partition', job.partition],
    ['NodeList', job.started_at === null ? '' : config.node],
    ['NumNodes', 1],
    ['NumCPUs', job.cpus],
    ['Command', job.command ?? '(null)'],
    ['WorkDir', job.chdir],
    ['StdErr', job.error ?? job.output],
    ['StdIn', '/dev/null'],
    ['StdOut', job.output],
    ['Power', ''],
  ];
}

function seen(store, id, faults) {
  const job = faultNamed(faults, 'forgotten') === null ? readJob(store, id) : null;
  const view = job === null ? null : controllerView(store, job, Date.now());
  return view !== null && faultNamed(faults, 'other_job') !== null ? stranger(view) : view;
}

/** `SlurmdStartTime=None`: it has not reported since the controller was started. */
function node(store, words, faults) {
  const [name, ...rest] = words;
  if (name === undefined || rest.some((word) => word !== '-o'))
    throw new Misuse('scontrol: show node takes one name and -o');
  if (name !== store.config.node) return { status: 1, stdout: `Node ${name} not found\n`, stderr: '' };
  const silent = faultNamed(faults, 'node_silent') !== null;
  const started = silent ? 'None' : time(bootedAt(store) + 1000, 'None');
  const state = silent ? 'UNKNOWN+NOT_RESPONDING' : 'IDLE';
  const stdout = `NodeName=${name} Arch=x86_64 State=${state} BootTime=None SlurmdStartTime=${started}\n`;
  return { status: 0, stdout, stderr: '' };
}

/** The controller's own start: that of the stand-in's first call, unless config.json says another one. */
/** No site starts its controller for the first job: one that is started in the second of a job's start lost it. */
const UP_BEFORE_MS = 60_000;

function bootedAt({ config: settings, folder }) {
  if (settings.booted_at !== null) return Date.parse(settings.booted_at);
  return statSync(join(folder, 'jobs')).birthtimeMs - UP_BEFORE_MS;
}

/** 0 while the job waits or runs, 1 after its end; only a user's own hold is lifted. */
function release(store, words, faults) {
  const job = seen(store, oneId('release', words), faults);
  if (job === null) return unknownJob('slurm_suspend', words[0]);
  if (isFinal(job.state) || job.state === 'COMPLETING') return finished(job.id);
  if (job.reason === 'JobHeldAdmin')
    return {
      status: 1,
      stdout: '',
      stderr: `Access/permission denied for job ${job.id}\nslurm_suspend error: Access/permission denied\n`,
    };
  const released = changeJob(store, job.id, (now) =>
    now.state === 'PENDING' && now.priority === 0 ? { ...now, priority: 100, reason: 'None' } : null,
  );
  if (released !== null) startRunner(store, job.id);
  return { status: 0, stdout: '', stderr: '' };
}

function hold(store, words, faults) {
  const job = seen(store, oneId('hold', words), faults);
  if (job === null) return unknownJob('slurm_suspend', words[0]);
  changeJob(store, job.id, (now) => (now.state === 'PENDING' ? { ...now, priority: 0, reason: 'JobHeldUser' } : null));
  return { status: 0, stdout: '', stderr: '' };
}

function requeue(store, words, faults) {
  const job = seen(store, oneId('requeue', words), faults);
  if (job === null) return unknownJob('slurm_requeue', words[0]);
  if (!job.requeue) return { status: 1, stdout: '', stderr: 'Requested operation is presently disabled\n' };
  changeJob(store, job.id, (now) => (now.state === 'RUNNING' ? { ...now, requeue_asked: true } : null));
  return { status: 0, stdout: '', stderr: '' };
}

function update(store, words, faults) {
  const [, id] = /^JobId=(\d+)$/.exec(words[0] ?? '') ?? [];
  const [, name] = /^JobName=(\S+)$/.exec(words[1] ?? '') ?? [];
  if (id === undefined || name === undefined || words.length > 2)
    throw new Misuse('scontrol: update is not understood but for JobId=ID JobName=NAME');
  if (seen(store, id, faults) === null) return unknownJob('slurm_update');
  changeJob(store, id, (now) => ({ ...now, name }));
  return { status: 0, stdout: '', stderr: '' };
}

function ping(_store, words) {
  if (words.length > 0) throw new Misuse('scontrol: ping takes nothing');
  return { status: 0, stdout: 'Slurmctld(primary) at fake is UP\n', stderr: '' };
}

function config(store) {
  const { config: settings } = store;
  const lines = [
    ['BOOT_TIME', time(bootedAt(store), 'Unknown')],
    ['AccountingStorageType', settings.accounting ? 'accounting_storage/slurmdbd' : 'accounting_storage/none'],
    ['ClusterName', settings.cluster],
    ['KillWait', `${settings.kill_wait_seconds} sec`],
    ['MessageTimeout', '10 sec'],
    ['MinJobAge', `${settings.min_job_age_seconds} sec`],
    ['SLURM_VERSION', '22.05.8'],
  ];
  return { status: 0, stdout: lines.map(([name, value]) => `${name.padEnd(24)}= ${value}\n`).join(''), stderr: '' };
}

function oneId(verb, words) {
  if (words.length !== 1 || !/^\d+$/.test(words[0])) throw new Misuse(`scontrol: ${verb} takes one id`);
  return words[0];
}

function unknownJob(call, id) {
  const first = id === undefined ? '' : `Invalid job id specified for job ${id}\n`;
  return { status: 1, stdout: '', stderr: `${first}${call} error: Invalid job id specified\n` };
}

function finished(id) {
  const words = 'Job has already finished';
  return { status: 1, stdout: '', stderr: `${words} for job ${id}\nslurm_suspend error: ${words}\n` };
}
