// faults.json: what is to go wrong, and when. It is read anew for every call, so a test may change it in between.
import { join } from 'node:path';
import { Misuse } from './misuse.mjs';
import { readJson } from './store.mjs';

const ANY = {
  unreachable: [],
  hang: ['seconds'],
  killed: [],
  slow: ['seconds'],
  banner: ['text'],
  stderr_noise: ['text'],
  exit_status: ['status'],
};

/** Every fault by the command it belongs to, with the settings it takes. SPEC.md describes them. */
const KNOWN = {
  sbatch: {
    ...ANY,
    accepted_hang: ['seconds'],
    accepted_killed: [],
    accepted_timeout: ['seconds'],
    accepted_late: ['seconds'],
    accepted_twice: [],
    accepted_silent: [],
    lost_timeout: ['seconds'],
    lost_silent: [],
    refused: ['words'],
    plugin: ['text', 'verdict'],
    cli_filter: ['text'],
    busy: [],
    cluster: ['name'],
    hold_ignored: [],
    renamed: ['name'],
  },
  squeue: { ...ANY, empty: [], forgotten: [], completing: [], other_job: [] },
  sacct: { ...ANY, lag: [], down: [], off: [], none: [], other_job: [] },
  scontrol: { ...ANY, forgotten: [], unanswered: [], carried_out_late: ['seconds'], other_job: [], node_silent: [] },
  scancel: { ...ANY, unanswered: [], carried_out_late: ['seconds'] },
  sinfo: ANY,
  job: {
    completing: ['seconds'],
    requeue: ['after_seconds'],
    node_fail: ['after_seconds'],
    preempt: ['after_seconds'],
    out_of_memory: [],
    step_out_of_memory: [],
    state: ['state', 'exit_code'],
    accounting_lag: ['seconds'],
    hold_admin: [],
    starts_after: ['job'],
    purged: [],
  },
};

/** The faults of the `nth` call of a command, or, for `job`, of the nth job that was submitted; in the order of the file. */
export function faultsOfCall(store, command, nth) {
  const list = readJson(join(store.folder, 'faults.json')) ?? [];
  if (!Array.isArray(list)) throw new Misuse('faults.json: a list is needed');
  list.forEach(check);
  return list.filter((entry) => entry.command === command && meets(entry.nth ?? 'always', nth));
}

function check(entry, index) {
  const at = `faults.json, number ${index + 1}`;
  if (typeof entry !== 'object' || entry === null) throw new Misuse(`${at}: no fault`);
  const { command, fault, nth = 'always', ...settings } = entry;
  if (!Object.hasOwn(KNOWN, String(command))) throw new Misuse(`${at}: the command "${command}" is not known`);
  const known = KNOWN[command];
  if (!Object.hasOwn(known, String(fault))) throw new Misuse(`${at}: ${command} has no fault "${fault}"`);
  for (const name of Object.keys(settings)) {
    if (!known[fault].includes(name)) throw new Misuse(`${at}: ${fault} does not take "${name}"`);
  }
  const numbers = Array.isArray(nth) ? nth : [nth];
  if (nth !== 'always' && !numbers.every((one) => Number.isInteger(one) && one > 0))
    throw new Misuse(`${at}: nth is a number from 1, a list of them, or "always"`);
}

function meets(wanted, nth) {
  if (wanted === 'always') return true;
  return Array.isArray(wanted) ? wanted.includes(nth) : wanted === nth;
}

export function faultNamed(faults, name) {
  return faults.find(({ fault }) => fault === name) ?? null;
}
