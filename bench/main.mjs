// npm run bench: prints a markdown table. Everything is measured in one run and compared with something that anybody has;
// nothing is asserted, because a time on a busy machine says little. BENCH_QUICK=1 takes smaller files and fewer rounds.
import { cpus, totalmem } from 'node:os';
import { build } from '../scripts/lib/builder.mjs';
import { prepare } from '../scripts/lib/prerequisites.mjs';
import { digests } from './digests.mjs';
import { environment } from './environment.mjs';
import { flushes } from './flushes.mjs';
import { innerLoop } from './inner-loop.mjs';
import { journal } from './journal.mjs';
import { launch } from './launch.mjs';
import { manyFiles } from './many-files.mjs';
import { QUICK } from './measure.mjs';
import { memory } from './memory.mjs';
import { pages } from './pages.mjs';
import { removeTemporaryFolders } from './project.mjs';
import { sampler } from './sampler.mjs';
import { slurm } from './slurm.mjs';
import { slurmTasks } from './slurm-tasks.mjs';
import { snapshot } from './snapshot.mjs';
import { ssh } from './ssh.mjs';
import { startup } from './startup.mjs';
import { supervisor } from './supervisor.mjs';
import { taskRuns } from './task-runs.mjs';
import { tasks } from './tasks.mjs';

const PARTS = {
  startup,
  'inner-loop': innerLoop,
  launch,
  flushes,
  environment,
  memory,
  digests,
  'many-files': manyFiles,
  snapshot,
  journal,
  supervisor,
  tasks,
  'task-runs': taskRuns,
  pages,
  sampler,
  slurm,
  'slurm-tasks': slurmTasks,
  ssh,
};

const words = process.argv.slice(2);
const unknown = words.find((word) => !Object.hasOwn(PARTS, word));
if (unknown !== undefined) {
  console.error(`bench: there is no part "${unknown}"; there are: ${Object.keys(PARTS).join(', ')}.`);
  process.exit(2);
}
await prepare(console.error);
await build({ types: false, log: console.error });
try {
  const [cpu] = cpus();
  const memoryGiB = Math.round(totalmem() / 1024 ** 3);
  console.log(
    `Node ${process.versions.node}, ${cpus().length} × ${cpu.model.trim()}, ${memoryGiB} GiB${QUICK ? ', quick' : ''}\n`,
  );
  if (process.env['NODE_EXTRA_CA_CERTS'] !== undefined)
    console.log(
      'NODE_EXTRA_CA_CERTS is set; `startup` and `launch` are measured without it, because Node 20 reads it at each start.\n',
    );
  console.log('| what | measured | against | ratio | aim |');
  console.log('| --- | --- | --- | --- | --- |');
  for (const [name, part] of Object.entries(PARTS)) {
    if (words.length > 0 && !words.includes(name)) continue;
    for (const row of await part())
      console.log(`| ${row.what} | ${row.measured} | ${row.against} | ${row.ratio} | ${row.aim} |`);
  }
} finally {
  removeTemporaryFolders();
}
