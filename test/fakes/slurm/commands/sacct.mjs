import { userInfo } from 'node:os';
import { faultNamed } from '../faults.mjs';
import { accountedView, asRunning, elapsedSeconds } from '../job.mjs';
import { Misuse } from '../misuse.mjs';
import { optionTable, parseOptions } from '../options.mjs';
import { allJobs, readJob } from '../store.mjs';
import { clock, localTime } from '../text.mjs';

const OPTIONS = optionTable(
  {
    '--parsable2': 'parsable2',
    '-P': 'parsable2',
    '--noheader': 'noheader',
    '-n': 'noheader',
    '--allocations': 'allocations',
    '-X': 'allocations',
    '--duplicates': 'duplicates',
    '-D': 'duplicates',
  },
  {
    '-j': 'jobs',
    '--jobs': 'jobs',
    '--format': 'format',
    '-o': 'format',
    '--name': 'name',
    '--starttime': 'since',
    '-S': 'since',
  },
);

const DOWN =
  'sacct: error: slurm_persist_conn_open_without_init: failed to open persistent connection to host:localhost:6819: Connection refused\nsacct: error: Sending PersistInit msg: Connection refused\nsacct: error: Problem talking to the database: Connection refused\n';

/** sacct takes 128 off an exit code from 128 on, so that `exit 139` looks like `11:0`; scontrol does not. */
const exitOf = ({ exit_code, signal }) => `${exit_code >= 128 ? exit_code - 128 : exit_code}:${signal}`;

/** Column → [of a job, of a step]. */
const COLUMNS = {
  JobID: [(job) => String(job.id), (job, step) => `${job.id}.${step.step}`],
  JobName: [(job) => job.name, (_job, step) => step.step],
  State: [stateOf, (_job, step) => step.state],
  ExitCode: [exitOf, (_job, step) => exitOf(step)],
  DerivedExitCode: [derivedOf, () => ''],
  Elapsed: [(job, _step, now) => clock(elapsedSeconds(job, now)), (job, _step, now) => clock(elapsedSeconds(job, now))],
  Submit: [(job) => localTime(job.submitted_at), (job) => localTime(job.started_at)],
  Start: [(job) => localTime(job.started_at), (job) => localTime(job.started_at)],
  End: [(job) => localTime(job.ended_at), (job) => localTime(job.ended_at)],
  Timelimit: [(job) => clock(job.time_limit_seconds), () => ''],
  TotalCPU: [() => '00:00.100', () => '00:00.100'],
  AllocCPUS: [(job) => String(job.cpus), (job) => String(job.cpus)],
  ReqMem: [(job) => job.memory, () => ''],
  MaxRSS: [() => '', (_job, step) => step.max_rss],
  NodeList: [(job) => (job.started_at === null ? 'None assigned' : job.node), (job) => job.node],
  WorkDir: [(job) => job.chdir, () => ''],
  Partition: [(job) => job.partition, () => ''],
  QOS: [(job) => job.qos, () => ''],
};

export function sacct(store, words, faults) {
  const { values, operands } = parseOptions('sacct', OPTIONS, words);
  if (operands.length > 0) throw new Misuse(`sacct takes no operands: ${operands.join(' ')}`);
  if (values.parsable2 !== true) throw new Misuse('sacct: only --parsable2 is understood');
  if (!store.config.accounting || faultNamed(faults, 'off') !== null)
    return { status: 1, stdout: '', stderr: 'Slurm accounting storage is disabled\n' };
  if (faultNamed(faults, 'down') !== null) return { status: 1, stdout: '', stderr: DOWN };
  const columns = (values.format ?? 'JobID,JobName,Partition,AllocCPUS,State,ExitCode').split(',');
  const unknown = columns.find((name) => !Object.hasOwn(COLUMNS, name));
  if (unknown !== undefined)
    return { status: 1, stdout: '', stderr: `sacct: fatal: Invalid field requested: "${unknown}"\n` };
  const now = Date.now();
  const rows = recordsFor(store, values, faults, now).flatMap((job) => [
    columns.map((name) => COLUMNS[name][0](job, null, now)),
    ...(values.allocations === true ? [] : job.steps).map((step) =>
      columns.map((name) => COLUMNS[name][1](job, step, now)),
    ),
  ]);
  const header = values.noheader === true ? [] : [columns];
  return { status: 0, stdout: [...header, ...rows].map((row) => `${row.join('|')}\n`).join(''), stderr: '' };
}

function recordsFor(store, values, faults, now) {
  const asked = values.jobs === undefined ? namedSince(store, values, now) : byId(store, values.jobs);
  if (faultNamed(faults, 'none') !== null) return [];
  return asked.flatMap((found) => {
    const job = { ...found, node: store.config.node };
    const last = faultNamed(faults, 'lag') === null ? accountedView(job, now) : asRunning(job);
    const own = values.duplicates === true ? [...job.earlier.map((one) => ({ ...one, node: job.node })), last] : [last];
    if (faultNamed(faults, 'other_job') === null) return own;
    // The id was given out before, years ago; and ours is not in the books yet.
    return [
      {
        ...job,
        name: 'old-job',
        state: 'FAILED',
        exit_code: 1,
        steps: [],
        submitted_at: 1_600_000_000_000,
        started_at: 1_600_000_000_000,
        ended_at: 1_600_000_060_000,
      },
    ];
  });
}

function byId(store, text) {
  if (!/^\d+$/.test(text)) throw new Misuse(`sacct: -j takes one id here, not ${text}`);
  const job = readJob(store, text);
  return job === null ? [] : [job];
}

/** Without an id: the user's own jobs since midnight, and none that waits; a held job is not found by its name. */
function namedSince(store, values, now) {
  const since = sinceOf(values.since, now);
  return allJobs(store)
    .filter((job) => job.user.id === userInfo().uid && job.priority !== 0 && job.state !== 'PENDING')
    .filter((job) => values.name === undefined || values.name.split(',').includes(job.name))
    .filter((job) => (job.ended_at ?? now) >= since);
}

const UNITS = { minutes: 60_000, hours: 3_600_000, days: 86_400_000, weeks: 604_800_000 };

function sinceOf(text, now) {
  if (text === undefined) return new Date(now).setHours(0, 0, 0, 0);
  const ago = /^now-(\d+)(minutes|hours|days|weeks)$/.exec(text);
  if (ago !== null) return now - Number(ago[1]) * UNITS[ago[2]];
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new Misuse(`sacct: --starttime=${text} is not understood`);
  return at;
}

function stateOf(job) {
  return job.state === 'CANCELLED' ? `CANCELLED by ${job.cancelled_by ?? 0}` : job.state;
}

function derivedOf(job) {
  const worst = job.steps.filter(({ step }) => step !== 'batch').find((step) => exitOf(step) !== '0:0');
  return worst === undefined ? '0:0' : exitOf(worst);
}
