import { listed, shown } from '../../documents/excerpt.ts';
import { nameOf } from '../../documents/pointer.ts';
import { SITE_MEMORY } from './memory.ts';
import { type Fields, isAbsent } from './values.ts';

/** Keys of `compute` that make requests to Slurm, and have no effect on a run on this machine. */

export const FOR_SLURM = (
  'memory_per_cpu memory_per_gpu partition qos account constraint nodes num_nodes ntasks ntasks_per_node exclusive exclude nodelist ' +
  'reservation licenses nice requeue begin signal cluster comment mail_type mail_user wckey sbatch_options'
).split(' ');

/** Returns null if there are none. `false` requests nothing. */
export function meaninglessHere(pointer: string, fields: Fields): string | null {
  const found = FOR_SLURM.filter((key) => !isAbsent(fields[key]) && fields[key] !== false);
  const remarks = [slurmOnly(pointer, found), asksForAll(fields['memory']) ? wholeMemory(pointer) : null];
  const said = remarks.filter((remark) => remark !== null);
  return said.length === 0 ? null : said.join('; ');
}

function asksForAll(memory: unknown): boolean {
  return memory === 0 || (typeof memory === 'string' && [SITE_MEMORY, '0'].includes(memory.toLowerCase()));
}

/** Other values of the key are for a local run, too. */
function wholeMemory(pointer: string): string {
  return `this value of ${shown(nameOf(`${pointer}/memory`))} sets no limit here: only Slurm gives it a meaning`;
}

function slurmOnly(pointer: string, found: readonly string[]): string | null {
  if (found.length === 0) return null;
  const names = found.map((key) => nameOf(`${pointer}/${key}`));
  const one = found.length === 1;
  return `${listed(names, 'and')} ${one ? 'has' : 'have'} no effect, because only Slurm reads ${one ? 'it' : 'them'}`;
}
