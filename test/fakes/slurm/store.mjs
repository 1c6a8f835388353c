// The state folder: one file a job, replaced atomically, and one lock around whatever reads and then writes.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Misuse } from './misuse.mjs';

const DEFAULTS = {
  cluster: 'fake',
  node: 'n1',
  /** When the controller was started; null for when the folder was made. */
  booted_at: null,
  partitions: ['main'],
  accounts: [],
  qos: ['normal'],
  first_job_id: 1,
  accounting: true,
  /** The controller forgets a job so long after its end. */
  min_job_age_seconds: 300,
  /** From release to start. */
  pending_seconds: 0,
  /** Between TERM and KILL. */
  kill_wait_seconds: 2,
  max_time_seconds: 86_400,
  max_memory_mb: 8000,
  max_cpus: 4,
  gpus: 2,
};

const LOCK_MS = 20_000;
const STALE_MS = 10_000;

export function openStore(folder) {
  if (folder === undefined || folder === '') throw new Misuse('AUTOLAB_FAKE_SLURM does not name a state folder');
  if (!existsSync(folder)) throw new Misuse(`AUTOLAB_FAKE_SLURM names ${folder}, which does not exist`);
  mkdirSync(join(folder, 'jobs'), { recursive: true });
  const given = readJson(join(folder, 'config.json')) ?? {};
  for (const key of Object.keys(given)) {
    if (!Object.hasOwn(DEFAULTS, key)) throw new Misuse(`config.json: "${key}" is not known`);
  }
  return { folder, config: { ...DEFAULTS, ...given } };
}

export function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw new Misuse(`${path}: ${error.message}`);
  }
}

export function writeJson(path, value) {
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(value, null, 2)}\n`);
  renameSync(temporary, path);
}

/** Runs `act` alone. `act` must not wait. */
export function locked(store, act) {
  const lock = join(store.folder, 'lock');
  const began = Date.now();
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (Date.now() - began > LOCK_MS) throw new Misuse(`${lock} is held for too long`, { cause: error });
      breakStale(lock);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
  try {
    return act();
  } finally {
    rmdirSync(lock);
  }
}

/** A holder that was killed by a test leaves its lock behind. */
function breakStale(lock) {
  try {
    if (Date.now() - statSync(lock).mtimeMs > STALE_MS) rmdirSync(lock);
  } catch {
    // Somebody else did.
  }
}

export function nextCall(store, name) {
  return locked(store, () => {
    const path = join(store.folder, 'counts.json');
    const counts = readJson(path) ?? {};
    counts[name] = (counts[name] ?? 0) + 1;
    writeJson(path, counts);
    return counts[name];
  });
}

function jobPath(store, id) {
  return join(store.folder, 'jobs', `${id}.json`);
}

export function readJob(store, id) {
  return /^\d{1,18}$/.test(String(id)) ? readJson(jobPath(store, id)) : null;
}

export function allJobs(store) {
  return readdirSync(join(store.folder, 'jobs'))
    .filter((name) => /^\d+\.json$/.test(name))
    .map((name) => readJob(store, name.slice(0, -'.json'.length)))
    .filter((job) => job !== null)
    .sort((a, b) => a.id - b.id);
}

/** Only within `locked`. */
export function saveJob(store, job) {
  writeJson(jobPath(store, job.id), job);
}

/** `change` is given the job as it is now; what it returns is saved, unless that is null. */
export function changeJob(store, id, change) {
  return locked(store, () => {
    const job = readJob(store, id);
    const changed = job === null ? null : change(job);
    if (changed !== null) saveJob(store, changed);
    return changed;
  });
}
