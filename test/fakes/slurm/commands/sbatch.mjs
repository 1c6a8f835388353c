import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { die, sleep } from '../answer.mjs';
import { faultNamed, faultsOfCall } from '../faults.mjs';
import { Misuse } from '../misuse.mjs';
import { optionTable, parseOptions } from '../options.mjs';
import { startRunner } from '../start-runner.mjs';
import { allJobs, locked, saveJob, writeJson } from '../store.mjs';
import { localTime, readLimit, readMegabytes } from '../text.mjs';

const OPTIONS = optionTable(
  {
    '--parsable': 'parsable',
    '--hold': 'hold',
    '-H': 'hold',
    '--requeue': 'requeue',
    '--no-requeue': 'no_requeue',
    '--test-only': 'test_only',
    '--exclusive': 'exclusive',
  },
  Object.fromEntries([
    ['--job-name', 'name'],
    ['-J', 'name'],
    ['--chdir', 'chdir'],
    ['-D', 'chdir'],
    ['--output', 'output'],
    ['-o', 'output'],
    ['--error', 'error'],
    ['-e', 'error'],
    ['--export', 'export'],
    ['--time', 'time'],
    ['-t', 'time'],
    ['--mem', 'mem'],
    ['--cpus-per-task', 'cpus'],
    ['-c', 'cpus'],
    ['--partition', 'partition'],
    ['-p', 'partition'],
    ['--qos', 'qos'],
    ['-q', 'qos'],
    ['--account', 'account'],
    ['-A', 'account'],
    ['--gres', 'gres'],
    ['--nodes', 'nodes'],
    ['-N', 'nodes'],
    ['--ntasks', 'ntasks'],
    ['-n', 'ntasks'],
    ['--constraint', 'constraint'],
    ['-C', 'constraint'],
    ['--exclude', 'exclude'],
    ['-x', 'exclude'],
    ['--reservation', 'reservation'],
    ['--nice', 'nice'],
    ['--open-mode', 'open_mode'],
    ['--signal', 'signal'],
    ['--wrap', 'wrap'],
  ]),
);

const TIMED_OUT = 'sbatch: error: Batch job submission failed: Socket timed out on send/recv operation\n';
const BUSY = 'sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying.\n';

const refused = (words) => ({ status: 1, stdout: '', stderr: `sbatch: error: ${words}\n` });
const failed = (words) => refused(`Batch job submission failed: ${words}`);

export async function sbatch(store, words, faults) {
  const { values, operands } = parseOptions('sbatch', OPTIONS, words, { stopAtOperand: true });
  const read = readScript(values, operands);
  if (read.refusal !== undefined) return read.refusal;
  const asked = { ...directives(read.script), ...values };
  const filtered = faultNamed(faults, 'cli_filter');
  if (filtered !== null)
    return refused(`lua: ${filtered.text}\nsbatch: error: cli_filter plugin terminated with error`);
  const lost = faultNamed(faults, 'lost_timeout');
  if (lost !== null) {
    await sleep(lost.seconds ?? 0);
    return { status: 1, stdout: '', stderr: TIMED_OUT };
  }
  if (faultNamed(faults, 'lost_silent') !== null) return { status: 0, stdout: '', stderr: '' };
  const told = refusalTold(faults);
  if (told !== null) return asked.test_only === true ? asAllocation(told) : told;
  const refusal = refusalOf(store.config, asked);
  if (asked.test_only === true) return refusal === null ? wouldStart(store, asked) : asAllocation(refusal);
  if (refusal !== null) return refusal;
  const submission = {
    asked: { ...asked, chdir: resolve(asked.chdir ?? process.cwd()) },
    script: read.script,
    args: operands.slice(1),
    path: read.path,
    environment: environmentFor(asked.export ?? 'ALL'),
  };
  const late = faultNamed(faults, 'accepted_late');
  if (late !== null) {
    submitLater(store, submission, faults, late.seconds ?? 2);
    return { status: 1, stdout: '', stderr: TIMED_OUT };
  }
  const job = accept(store, submission, faults);
  if (faultNamed(faults, 'accepted_twice') !== null) accept(store, submission, faults);
  return answerOf(job, asked, faults);
}

/** By the controller, or by a plugin of the site: then its text comes first, a line of its own each. */
function refusalTold(faults) {
  const told = faultNamed(faults, 'refused');
  if (told !== null) return failed(told.words ?? 'Invalid qos specification');
  const plugin = faultNamed(faults, 'plugin');
  if (plugin === null) return null;
  const text = plugin.text.replaceAll('\n', '\nsbatch: error: ');
  return refused(`${text}\nsbatch: error: Batch job submission failed: ${plugin.verdict ?? 'Unspecified error'}`);
}

async function answerOf(job, asked, faults) {
  const hang = faultNamed(faults, 'accepted_hang');
  if (hang !== null) await sleep(hang.seconds ?? 3600);
  if (faultNamed(faults, 'accepted_killed') !== null) await die();
  const timeout = faultNamed(faults, 'accepted_timeout');
  if (timeout !== null) {
    await sleep(timeout.seconds ?? 0);
    return { status: 1, stdout: '', stderr: TIMED_OUT };
  }
  if (faultNamed(faults, 'accepted_silent') !== null) return { status: 0, stdout: '', stderr: '' };
  const cluster = faultNamed(faults, 'cluster')?.name;
  const parsable = `${job.id}${cluster === undefined ? '' : `;${cluster}`}\n`;
  const told = `Submitted batch job ${job.id}${cluster === undefined ? '' : ` on cluster ${cluster}`}\n`;
  const noise = faultNamed(faults, 'busy') === null ? '' : BUSY;
  return { status: 0, stdout: asked.parsable === true ? parsable : told, stderr: noise };
}

function readScript(values, operands) {
  if (values.wrap !== undefined) return { script: `#!/bin/sh\n${values.wrap}\n`, path: null };
  const [path] = operands;
  let script;
  try {
    script = readFileSync(path ?? 0, 'utf8');
  } catch {
    return { refusal: refused(`Unable to open file ${path}`) };
  }
  if (script === '') return { refusal: refused('Batch script is empty!') };
  if (!script.startsWith('#!'))
    return {
      refusal: refused(
        'This does not look like a batch script.  The first\nsbatch: error: line must start with #! followed by the path to an interpreter.\nsbatch: error: For instance: #!/bin/sh',
      ),
    };
  if (script.includes('\r\n'))
    return {
      refusal: refused(
        'Batch script contains DOS line breaks (\\r\\n)\nsbatch: error: instead of expected UNIX line breaks (\\n).',
      ),
    };
  return { script, path: path === undefined ? null : resolve(path) };
}

/** `#SBATCH` lines before the first command; of quotes only a pair around a whole value is understood. */
function directives(script) {
  const words = [];
  for (const line of script.split('\n').slice(1)) {
    if (line.trim() !== '' && !line.startsWith('#')) break;
    if (!line.startsWith('#SBATCH')) continue;
    for (const word of line.slice('#SBATCH'.length).matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)) {
      if (word[0].startsWith('#')) break;
      words.push(word[0].replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));
    }
  }
  return parseOptions('sbatch', OPTIONS, words).values;
}

function refusalOf(config, asked) {
  const { partition, qos, account, time, mem, cpus, nodes, gres } = asked;
  if (time !== undefined && readLimit(time) === null)
    return { ...refused('Invalid --time specification'), status: 255 };
  if (mem !== undefined && readMegabytes(mem) === null)
    return { ...refused('Invalid --mem specification'), status: 255 };
  if (partition !== undefined && !config.partitions.includes(partition))
    return refused(
      `invalid partition specified: ${partition}\nsbatch: error: Batch job submission failed: Invalid partition name specified`,
    );
  if (account !== undefined && !config.accounts.includes(account))
    return failed('Invalid account or account/partition combination specified');
  if (qos !== undefined && !config.qos.includes(qos)) return failed('Invalid qos specification');
  if (time !== undefined && readLimit(time) > config.max_time_seconds)
    return failed('Requested time limit is invalid (missing or exceeds some limit)');
  if (nodes !== undefined && nodes !== '1') return failed('Node count specification invalid');
  if (gres !== undefined && !/^gpu(?::[a-z]\w*)?(?::\d+)?$/.test(gres))
    return refused('Invalid generic resource (gres) specification');
  if (cpus !== undefined && Number(cpus) > config.max_cpus) return failed('More processors requested than permitted');
  // A held job is looked at only when it is released.
  if (asked.hold !== true && isTooBig(config, asked)) return failed('Requested node configuration is not available');
  return null;
}

function isTooBig(config, { mem, gres }) {
  const gpus = Number(/(\d+)$/.exec(gres ?? '')?.[1] ?? (gres === undefined ? 0 : 1));
  return (readMegabytes(mem ?? '0') ?? 0) > config.max_memory_mb || gpus > config.gpus;
}

/** With --test-only, the last line has another form; what a plugin said before it stays. */
function asAllocation({ stderr }) {
  const lines = stderr.trimEnd().split('\n');
  const words = lines.at(-1).replace(/^sbatch: error: (?:Batch job submission failed: )?/, '');
  return { status: 1, stdout: '', stderr: [...lines.slice(0, -1), `allocation failure: ${words}`, ''].join('\n') };
}

function wouldStart(store, asked) {
  if (isTooBig(store.config, asked)) return asAllocation(failed('Requested node configuration is not available'));
  const { node, partitions } = store.config;
  const at = localTime(Date.now());
  const stderr = `sbatch: Job ${nextId(store)} to start at ${at} using ${asked.cpus ?? 1} processors on nodes ${node} in partition ${asked.partition ?? partitions[0]}\n`;
  return { status: 0, stdout: '', stderr };
}

function nextId(store) {
  return Math.max(store.config.first_job_id - 1, ...allJobs(store).map((job) => job.id)) + 1;
}

export function accept(store, { asked, script, args, path, environment }, faults) {
  const job = locked(store, () => {
    const id = nextId(store);
    const nth = allJobs(store).length + 1;
    const jobFaults = faultsOfCall(store, 'job', nth);
    const { chdir } = asked;
    const heldByAdmin = faultNamed(jobFaults, 'hold_admin') !== null;
    const held = asked.hold === true && faultNamed(faults, 'hold_ignored') === null;
    const record = {
      id,
      name:
        faultNamed(faults, 'renamed') === null
          ? (asked.name ?? (path === null ? 'wrap' : basename(path)))
          : (faultNamed(faults, 'renamed').name ?? 'renamed-by-the-site'),
      user: { id: userInfo().uid, name: userInfo().username },
      partition: asked.partition ?? store.config.partitions[0],
      qos: asked.qos ?? 'normal',
      chdir,
      command: path,
      args,
      output: fileName(asked.output ?? 'slurm-%j.out', id, chdir),
      error: asked.error === undefined ? null : fileName(asked.error, id, chdir),
      // JobRequeue=1, as by default.
      requeue: asked.no_requeue !== true,
      time_limit_seconds: asked.time === undefined ? 600 : readLimit(asked.time),
      memory: asked.mem ?? '200M',
      cpus: Number(asked.cpus ?? 1),
      too_big: isTooBig(store.config, asked),
      state: 'PENDING',
      reason: heldByAdmin ? 'JobHeldAdmin' : held ? 'JobHeldUser' : 'None',
      priority: held || heldByAdmin ? 0 : 100,
      submitted_at: Date.now(),
      started_at: null,
      ended_at: null,
      exit_code: 0,
      signal: 0,
      restarts: 0,
      cancelled_by: null,
      steps: [],
      earlier: [],
      faults: jobFaults,
    };
    // The job is there when its record is: sbatch may be killed at any moment.
    spool(store, id, script, environment);
    saveJob(store, record);
    return record;
  });
  if (job.priority !== 0) startRunner(store, job.id);
  return job;
}

/** The controller keeps a copy of the script, and of the environment that --export leaves. */
function spool(store, id, script, environment) {
  const folder = join(store.folder, 'spool', String(id));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'slurm_script'), script, { mode: 0o700 });
  writeJson(join(folder, 'environment.json'), environment);
}

function environmentFor(exported) {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'AUTOLAB_FAKE_SLURM'));
  const [first, ...rest] = exported.split(',');
  if (!['ALL', 'NONE'].includes(first))
    throw new Misuse(`sbatch: --export=${exported} is not understood; only ALL and NONE`);
  const kept = first === 'ALL' ? own : { PATH: own['PATH'] ?? '/usr/bin:/bin' };
  const added = rest.map((word) => word.split(/=(.*)/s).slice(0, 2));
  return { ...kept, ...Object.fromEntries(added), SLURM_EXPORT_ENV: exported };
}

/** `%j` and `%%`; a backslash makes all of it literal. */
function fileName(pattern, id, chdir) {
  if (pattern.includes('\\')) return resolve(chdir, pattern.replaceAll('\\', ''));
  const name = pattern.replace(/%(.)/g, (_all, letter) => {
    if (letter === '%') return '%';
    if (letter === 'j') return String(id);
    throw new Misuse(`sbatch: %${letter} in a file name is not understood`);
  });
  return resolve(chdir, name);
}

/** The request is on its way for a while; it gets through after sbatch has given up. */
function submitLater(store, submission, faults, seconds) {
  const order = join(store.folder, `late-${process.pid}.json`);
  writeJson(order, { submission, faults, seconds });
  const program = new URL('../late.mjs', import.meta.url).pathname;
  // Nothing of sbatch's own environment: what is on its way cannot be found and stopped by looking for it here.
  const env = { PATH: process.env['PATH'], AUTOLAB_FAKE_SLURM: store.folder };
  spawn(process.execPath, [program, order], { detached: true, stdio: 'ignore', env }).unref();
}
