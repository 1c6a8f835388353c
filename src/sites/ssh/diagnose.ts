import { freeBytes, freeInodes } from '../../platform/files.ts';
import { now } from '../../platform/time.ts';
import { STATE } from '../../records/paths.ts';
import { clockWords, farFactsArgv, parseFarFacts } from '../../transports/far-facts.ts';
import type { FarSite } from '../site.ts';

/** Diagnoses a failed transfer (R21): the host, the folder, the free space on both sides. */
export async function diagnose(root: string, far: FarSite, words: string): Promise<readonly string[]> {
  const lines = [words];
  const { ssh, order } = far;
  const result = await ssh.run(farFactsArgv(order.base, STATE), { timeoutMs: 30_000 });
  if (result.lost !== null) lines.push(`${ssh.name} cannot be reached: ${result.lost.words}`);
  else {
    const facts = parseFarFacts(result.stdout);
    lines.push(`${ssh.name} is reachable (as ${facts.host})`);
    if (!facts.exists) lines.push(`${order.base} does not exist there`);
    else if (facts.base === null) lines.push(`${order.base} cannot be entered there`);
    else if (!facts.writable) lines.push(`${order.base} cannot be written there`);
    if (facts.freeBytes !== null) lines.push(`free there: ${inMib(facts.freeBytes)}, ${inodes(facts.freeInodes)}`);
    const clock = clockWords(facts, Date.parse(now()));
    if (clock !== null) lines.push(clock);
  }
  lines.push(`free here: ${inMib(freeBytes(root))}, ${inodes(freeInodes(root))}`);
  return lines;
}

function inMib(bytes: number): string {
  return `${Math.floor(bytes / 1024 / 1024)} MiB`;
}

function inodes(count: number | null): string {
  return count === null ? 'inodes unknown' : `${count} inodes`;
}
