import { userInfo } from 'node:os';
import { faultNamed } from '../faults.mjs';
import { controllerView, elapsedSeconds, stranger } from '../job.mjs';
import { Misuse } from '../misuse.mjs';
import { optionTable, parseOptions } from '../options.mjs';
import { allJobs } from '../store.mjs';
import { clock, shortClock, time } from '../text.mjs';

const OPTIONS = optionTable(
  { '--me': 'me', '--all': 'all', '-a': 'all', '--noheader': 'noheader', '-h': 'noheader' },
  {
    '-j': 'jobs',
    '--jobs': 'jobs',
    '-n': 'names',
    '--name': 'names',
    '-o': 'format',
    '--format': 'format',
    '-t': 'states',
    '--states': 'states',
    '-u': 'user',
    '--user': 'user',
  },
);

const SHOWN = ['PENDING', 'RUNNING', 'SUSPENDED', 'COMPLETING', 'CONFIGURING'];
const SHORT = {
  PENDING: 'PD',
  RUNNING: 'R',
  COMPLETING: 'CG',
  COMPLETED: 'CD',
  FAILED: 'F',
  TIMEOUT: 'TO',
  CANCELLED: 'CA',
  OUT_OF_MEMORY: 'OOM',
  NODE_FAIL: 'NF',
  PREEMPTED: 'PR',
};

const FIELDS = {
  i: ['JOBID', (job) => String(job.id)],
  j: ['NAME', (job) => job.name],
  P: ['PARTITION', (job) => job.partition],
  u: ['USER', (job) => job.user.name],
  T: ['STATE', (job) => job.state],
  t: ['ST', (job) => SHORT[job.state] ?? job.state],
  M: ['TIME', (job, now) => shortClock(elapsedSeconds(job, now))],
  l: ['TIME_LIMIT', (job) => clock(job.time_limit_seconds)],
  S: ['START_TIME', (job) => time(job.started_at, 'N/A')],
  D: ['NODES', () => '1'],
  N: ['NODELIST', (job) => (job.started_at === null ? '' : job.node)],
  r: ['REASON', (job) => job.reason],
  R: ['NODELIST(REASON)', (job) => (job.started_at === null ? `(${job.reason})` : job.node)],
  Z: ['WORK_DIR', (job) => job.chdir],
  o: ['COMMAND', (job) => [job.command ?? '(null)', ...job.args].join(' ')],
  V: ['SUBMIT_TIME', (job) => time(job.submitted_at, 'N/A')],
};

export function squeue(store, words, faults) {
  const { values, operands } = parseOptions('squeue', OPTIONS, words);
  if (operands.length > 0) throw new Misuse(`squeue takes no operands: ${operands.join(' ')}`);
  const format = values.format ?? '%i %P %j %u %t %M %D %R';
  const header = values.noheader === true ? '' : `${fill(format, (letter) => FIELDS[letter][0])}\n`;
  if (faultNamed(faults, 'empty') !== null) return { status: 0, stdout: header, stderr: '' };
  const now = Date.now();
  const seen = allJobs(store)
    .map((job) => controllerView(store, { ...job, node: store.config.node }, now))
    .filter((job) => job !== null && faultNamed(faults, 'forgotten') === null)
    .map((job) => (faultNamed(faults, 'other_job') === null ? job : stranger(job)))
    .map((job) =>
      faultNamed(faults, 'completing') === null || job.ended_at === null ? job : { ...job, state: 'COMPLETING' },
    );
  if (values.jobs !== undefined) {
    if (!/^\d+$/.test(values.jobs)) throw new Misuse(`squeue: -j takes one id here, not ${values.jobs}`);
    if (!seen.some((job) => job.id === Number(values.jobs)))
      return { status: 1, stdout: '', stderr: 'slurm_load_jobs error: Invalid job id specified\n' };
  }
  const rows = seen
    .filter((job) => values.jobs === undefined || job.id === Number(values.jobs))
    .filter((job) => values.names === undefined || values.names.split(',').includes(job.name))
    .filter((job) => values.me !== true || job.user.id === userInfo().uid)
    .filter((job) => values.user === undefined || job.user.name === values.user)
    .filter((job) => isAskedFor(values.states, job.state))
    .reverse()
    .map((job) => `${fill(format, (letter) => FIELDS[letter][1](job, now))}\n`);
  return { status: 0, stdout: header + rows.join(''), stderr: '' };
}

function isAskedFor(states, state) {
  if (states === undefined) return SHOWN.includes(state);
  return states === 'all' || states.split(',').some((word) => word === state || word === SHORT[state]);
}

/** `%i`, without widths. */
function fill(format, value) {
  return format.replace(/%(.)/g, (_all, letter) => {
    if (!Object.hasOwn(FIELDS, letter)) throw new Misuse(`squeue: %${letter} is not understood`);
    return value(letter);
  });
}
