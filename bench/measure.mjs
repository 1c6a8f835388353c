import { spawnSync } from 'node:child_process';

/** Fewer rounds and smaller files, for a look in between. */
export const QUICK = process.env['BENCH_QUICK'] === '1';

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * The environment of what is measured. Node 20 reads all of NODE_EXTRA_CA_CERTS before it starts, in every process: five
 * times the work of `node -e 0`, which would hide what the program itself costs.
 */
export const CLEAN_ENV = without(process.env, 'NODE_EXTRA_CA_CERTS');

function without(env, name) {
  return Object.fromEntries(Object.entries(env).filter(([key]) => key !== name));
}

/**
 * Medians, in seconds, of several things measured in turns, so that whatever else the machine does hits all of them alike.
 *
 * @param {Record<string, () => number | Promise<number>>} things each does its work and gives the seconds it took
 */
export async function interleaved(rounds, things) {
  const taken = await inTurns(rounds, things);
  return Object.fromEntries(Object.entries(taken).map(([name, values]) => [name, median(values)]));
}

/** As `interleaved`, but every round of each: `ratioOf` pairs them. */
export async function inTurns(rounds, things) {
  const taken = Object.fromEntries(Object.keys(things).map((name) => [name, []]));
  // The first round fills the page cache and is thrown away.
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, measure] of Object.entries(things)) {
      const seconds = await measure();
      if (round > 0) taken[name].push(seconds);
    }
  }
  return taken;
}

/** The median of the ratios of each round: a slow moment of the machine is in both halves of a pair. */
function ratioOf(measured, against) {
  return median(measured.map((seconds, round) => seconds / against[round]));
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

/**
 * Instructions of a program, without those of the programs that it starts, by valgrind: the same on a busy machine. Null
 * where there is no valgrind.
 */
export function instructionsOf(argv, options = {}) {
  const words = ['--tool=callgrind', '--callgrind-out-file=/dev/null', ...argv];
  const stdio = ['ignore', 'ignore', 'pipe'];
  const { status, error, stderr } = spawnSync('valgrind', words, { encoding: 'utf8', stdio, ...options });
  if (error?.code === 'ENOENT') return null;
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${argv.join(' ')} ended with ${status} under valgrind:\n${stderr}`);
  return Number(/Collected : (\d+)/.exec(stderr)[1]);
}

/** A row of instructions against those of another program; none without valgrind. */
export function compareInstructions(what, measured, against, aim) {
  if (measured === null || against.instructions === null) return [];
  const millions = (count) => `${(count / 1e6).toFixed(0)} M instructions`;
  const ratio = (measured / against.instructions).toFixed(2);
  return [
    { what, measured: millions(measured), against: `${millions(against.instructions)} (${against.name})`, ratio, aim },
  ];
}

/** One row of the table, from the rounds of `inTurns`: medians, and the median of the ratios. */
export function compareRounds(what, measured, against, aim, format = inMilliseconds) {
  const row = compare(
    what,
    { seconds: median(measured) },
    { ...against, seconds: median(against.rounds) },
    aim,
    format,
  );
  return { ...row, ratio: ratioOf(measured, against.rounds).toFixed(2) };
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
