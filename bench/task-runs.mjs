import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compare, inMilliseconds, median, QUICK, secondsOfProgram } from './measure.mjs';
import { highWaterOf } from './memory.mjs';
import { AUTOLAB, launched, makeProject } from './project.mjs';

const FEW = 10;
const MANY = QUICK ? 100 : 1000;
const MOST = QUICK ? 1000 : 10_000;

/** What a run with many tasks costs to look at and to keep. */
export async function taskRuns() {
  const few = await whole(FEW);
  const many = await whole(MANY);
  const { status, version } = await statusAmid(MOST);
  return [
    {
      what: `the journal of a run with ${MANY.toLocaleString('en')} tasks`,
      measured: `${many.lines} lines, ${many.bytes.toLocaleString('en')} bytes`,
      against: `${few.lines} lines, ${few.bytes.toLocaleString('en')} bytes (a run with ${FEW})`,
      ratio: (many.bytes / few.bytes).toFixed(2),
      aim: 'grows with chunks, not tasks',
    },
    {
      what: `memory of the driver of ${MANY.toLocaleString('en')} tasks here`,
      measured: `${Math.round(many.peakKiB / 1024)} MiB`,
      against: `${Math.round(few.peakKiB / 1024)} MiB (of ${FEW})`,
      ratio: (many.peakKiB / few.peakKiB).toFixed(2),
      aim: '< 120 MiB',
    },
    compare(
      `\`autolab status\` amid ${MOST.toLocaleString('en')} tasks`,
      { seconds: status },
      { name: '`autolab --version`', seconds: version },
      '< 1 s',
      inMilliseconds,
    ),
  ];
}

/** A project whose experiment has so many tasks of `true`. */
function projectOfTasks(count) {
  const numbers = Array.from({ length: count }, (_, i) => i);
  const change = (text) => `${text.replace('[metrics.json]', '[]')}tasks: {grid: {i: [${numbers.join(', ')}]}}\n`;
  return makeProject(['true', '{{task.i}}'], { change });
}

async function whole(count) {
  const root = projectOfTasks(count);
  let peakKiB = 0;
  const { manifest } = await launched(root, process.env, [], (pid) => {
    peakKiB = Math.max(peakKiB, highWaterOf(pid));
  });
  const journal = readFileSync(join(root, 'experiments/iter1/runs', manifest.run_id, 'journal.jsonl'), 'utf8');
  return { peakKiB, lines: journal.trimEnd().split('\n').length, bytes: Buffer.byteLength(journal) };
}

/** Seconds of a look at a run of which half the tasks have ended. */
async function statusAmid(count) {
  const root = projectOfTasks(count);
  const [command, ...words] = [...AUTOLAB, 'launch', '--quiet'];
  const driver = spawn(command, words, { cwd: root, stdio: 'ignore' });
  const ended = new Promise((resolve) => driver.on('close', resolve));
  const runs = join(root, 'experiments/iter1/runs');
  await untilHalf(runs, count);
  const rounds = [0, 1, 2].map(() => ({
    status: secondsOfProgram([...AUTOLAB, 'status'], { cwd: root }),
    version: secondsOfProgram([...AUTOLAB, '--version'], { cwd: root }),
  }));
  const code = await ended;
  if (code !== 0) throw new Error(`the launch of ${count} tasks ended with ${code}`);
  return { status: median(rounds.map((round) => round.status)), version: median(rounds.map((round) => round.version)) };
}

async function untilHalf(runs, count) {
  for (;;) {
    const ends = receiptsIn(runs).filter((name) => name.endsWith('.exit')).length;
    if (ends * 2 >= count) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function receiptsIn(runs) {
  try {
    const [run = ''] = readdirSync(runs);
    return readdirSync(join(runs, run, 'receipts'));
  } catch {
    return [];
  }
}
