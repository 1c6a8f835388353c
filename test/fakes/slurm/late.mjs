// A submission that gets through late: `node late.mjs ORDER`, started by sbatch's fault `accepted_late`.
import { rmSync } from 'node:fs';
import { sleep } from './answer.mjs';
import { accept } from './commands/sbatch.mjs';
import { openStore, readJson } from './store.mjs';

const [order] = process.argv.slice(2);
const { submission, faults, seconds } = readJson(order);
await sleep(seconds);
accept(openStore(process.env['AUTOLAB_FAKE_SLURM']), submission, faults);
rmSync(order);
