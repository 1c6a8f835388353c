#!/usr/bin/env node
// One script for all of Slurm's commands; bin/ has a link for each. SPEC.md says what they understand and answer.
import { appendFileSync } from 'node:fs';
import { basename } from 'node:path';
import { join } from 'node:path';
import { answerUnder } from './answer.mjs';
import { sacct } from './commands/sacct.mjs';
import { sbatch } from './commands/sbatch.mjs';
import { scancel } from './commands/scancel.mjs';
import { scontrol } from './commands/scontrol.mjs';
import { sinfo } from './commands/sinfo.mjs';
import { squeue } from './commands/squeue.mjs';
import { faultsOfCall } from './faults.mjs';
import { orderLater } from './late-order.mjs';
import { Misuse } from './misuse.mjs';
import { nextCall, openStore } from './store.mjs';

const COMMANDS = { sacct, sbatch, scancel, scontrol, sinfo, squeue };
/** A variable of the command's own would change its meaning; a launcher that lets one through is wrong. */
const OWN_VARIABLES = {
  sacct: /^SACCT_/,
  sbatch: /^SBATCH_/,
  scancel: /^SCANCEL_/,
  scontrol: /^SCONTROL_/,
  sinfo: /^SINFO_/,
  squeue: /^SQUEUE_/,
};

async function main() {
  const name = basename(process.argv[1] ?? '');
  const words = process.argv.slice(2);
  if (!Object.hasOwn(COMMANDS, name)) throw new Misuse(`there is no command ${name}`);
  const store = openStore(process.env['AUTOLAB_FAKE_SLURM']);
  const variable = Object.keys(process.env).find((key) => OWN_VARIABLES[name].test(key));
  if (variable !== undefined) throw new Misuse(`${variable} is set: it would change what ${name} means`);
  const nth = nextCall(store, name);
  const faults = faultsOfCall(store, name, nth);
  const call = { at: new Date().toISOString(), command: name, nth, words, faults: faults.map(({ fault }) => fault) };
  appendFileSync(join(store.folder, 'calls.ndjson'), `${JSON.stringify(call)}\n`);
  if (words.length === 1 && (words[0] === '-V' || words[0] === '--version')) {
    return answerUnder(faults, () => ({ status: 0, stdout: 'slurm-wlm 22.05.8\n', stderr: '' }));
  }
  const later = (seconds) => orderLater(store, { name, words, seconds });
  return answerUnder(faults, () => COMMANDS[name](store, words, faults), later);
}

try {
  const answer = await main();
  process.stderr.write(answer.stderr);
  process.stdout.write(answer.stdout);
  process.exitCode = answer.status;
} catch (error) {
  if (!(error instanceof Misuse)) throw error;
  process.stderr.write(`fake slurm: ${error.message}\n`);
  process.exitCode = 2;
}
