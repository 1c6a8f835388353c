import { Misuse } from '../misuse.mjs';

/** The table of partitions, without options. */
export function sinfo({ config }, words) {
  if (words.length > 0) throw new Misuse(`sinfo: ${words.join(' ')} is not understood`);
  const rows = config.partitions.map(
    (name, index) => `${name}${index === 0 ? '*' : ''} up 1-00:00:00 1 idle ${config.node}\n`,
  );
  return { status: 0, stdout: `PARTITION AVAIL TIMELIMIT NODES STATE NODELIST\n${rows.join('')}`, stderr: '' };
}
