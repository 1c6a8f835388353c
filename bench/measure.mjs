import { spawnSync } from 'node:child_process';

/** Fewer rounds and smaller files, for a look in between. */
export const QUICK = process.env['BENCH_QUICK'] === '1';

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Medians, in seconds, of several things measured in turns, so that whatever else the machine does hits all of them alike.
 *
 * @param {Record<string, () => number | Promise<number>>} things each does its work and gives the seconds it took
 */
export async function interleaved(rounds, things) {
  const taken = Object.fromEntries(Object.keys(things).map((name) => [name, []]));
  // The first round fills the page cache and is thrown away.
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, measure] of Object.entries(things)) {
      const seconds = await measure();
      if (round > 0) taken[name].push(seconds);
    }
  }
  return Object.fromEntries(Object.entries(taken).map(([name, values]) => [name, median(values)]));
}

export async function secondsOf(work) {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

/** Seconds that a program takes from start to end; throws where it fails. */
export function secondsOfProgram([command, ...words], options = {}) {
  const began = performance.now();
  const { status, error, stderr } = spawnSync(command, words, { stdio: ['ignore', 'ignore', 'pipe'], ...options });
  const seconds = (performance.now() - began) / 1000;
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${[command, ...words].join(' ')} ended with ${status}:\n${stderr}`);
  return seconds;
}

export function inMilliseconds(seconds) {
  return `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms`;
}

export function inSeconds(seconds) {
  return `${seconds.toFixed(2)} s`;
}

/** One row of the table. `measured` and `against` in seconds. */
export function compare(what, measured, against, aim, format = inMilliseconds) {
  return {
    what,
    measured: format(measured.seconds),
    against: `${format(against.seconds)} (${against.name})`,
    ratio: (measured.seconds / against.seconds).toFixed(2),
    aim,
  };
}
