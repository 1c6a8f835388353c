import { shown } from '../documents/excerpt.ts';
import type { Notes } from '../documents/notes.ts';
import type { Compute } from './compute/compute.ts';
import type { Entrypoint } from './design-entrypoint.ts';

/** Programs that a design must not begin with, because autolab does their work itself. Pure. */

/** They start a program several times, and so does the script if the design asks for several tasks. */
const STARTS_TASKS = ['mpirun', 'mpiexec', 'prun', 'orterun'];

/** They hand the work to a queue: the run would end while the work is still waiting, outside of the record. */
const SUBMITS = ['sbatch', 'salloc', 'qsub', 'bsub'];

/** autolab submits the job and starts its tasks: a starter in the design would do it again. */
export function checkStarter(notes: Notes, entrypoint: Entrypoint, compute: Compute): void {
  if (entrypoint.kind === 'module') return;
  const program = entrypoint.argv[0]?.split('/').at(-1) ?? '';
  const { location, nodes, ntasks, ntasks_per_node } = compute;
  if (SUBMITS.includes(program)) {
    const message = `begins with ${shown(program)}, and autolab itself submits the job; give its resources as options and the program of the script after \`--\`: autolab new ID --on slurm --time 1:00:00 --memory 8G -- bash job.sh`;
    notes.error('/entrypoint', 'value.invalid', message);
    return;
  }
  const tasks = ntasks ?? (nodes ?? 1) * (ntasks_per_node ?? 1);
  if (location !== 'slurm' || (program !== 'srun' && (tasks === 1 || !STARTS_TASKS.includes(program)))) return;
  const message = `begins with ${shown(program)}, and autolab itself starts the tasks of the design with srun; write the program alone, or start it in a script of your own (docs/how-to/own-script.md)`;
  notes.error('/entrypoint', 'value.invalid', message);
}
