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
  const { status, tasks, version, peaks } = await most(MOST);
  return [
    {
      what: `the journal of a run with ${MANY.toLocaleString('en')} tasks`,
      measured: `${many.lines} lines, ${many.bytes.toLocaleString('en')} bytes`,
      against: `${few.lines} lines, ${few.bytes.toLocaleString('en')} bytes (a run with ${FEW})`,
      ratio: (many.bytes / few.bytes).toFixed(2),
      aim: 'grows with chunks, not tasks',
    },
    memory('the driver', MANY, many.peakKiB, few.peakKiB),
    memory('the driver', MOST, peaks.driver, few.peakKiB),
    memory('the supervisor', MOST, peaks.supervisor, few.peakKiB),
    compare(
      `\`autolab status\` amid ${MOST.toLocaleString('en')} tasks`,
      { seconds: status },
      { name: '`autolab --version`', seconds: version },
      '< 1 s',
      inMilliseconds,
    ),
    compare(
      `\`autolab tasks\` of ${MOST.toLocaleString('en')} tasks`,
      { seconds: tasks },
      { name: '`autolab --version`', seconds: version },
      '< 0.7 s',
      inMilliseconds,
    ),
  ];
}

/** The highest memory (VmHWM) of a process of a run of so many tasks, beside the driver's of a run of few. */
function memory(whose, count, peakKiB, fewKiB) {
  return {
    what: `memory of ${whose} of ${count.toLocaleString('en')} tasks here`,
    measured: `${Math.round(peakKiB / 1024)} MiB`,
    against: `${Math.round(fewKiB / 1024)} MiB (the driver of ${FEW})`,
    ratio: (peakKiB / fewKiB).toFixed(2),
    aim: '< 120 MiB',
  };
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

/** Seconds of looks at a run of which half the tasks have ended, and at the list of all; and the memory that it took. */
async function most(count) {
  const root = projectOfTasks(count);
  const [command, ...words] = [...AUTOLAB, 'launch', '--quiet'];
  const driver = spawn(command, words, { cwd: root, stdio: 'ignore' });
  const runs = join(root, 'experiments/iter1/runs');
  const peaks = { driver: 0, supervisor: 0 };
  const timer = setInterval(() => {
    peaks.driver = Math.max(peaks.driver, highWaterOf(driver.pid));
    peaks.supervisor = Math.max(peaks.supervisor, highWaterOf(supervisorIn(runs)));
  }, 50);
  const ended = new Promise((resolve) => driver.on('close', resolve));
  await untilHalf(runs, count);
  const version = () => secondsOfProgram([...AUTOLAB, '--version'], { cwd: root });
  const look = (verb) => secondsOfProgram([...AUTOLAB, verb], { cwd: root });
  const amid = [0, 1, 2].map(() => [look('status'), version()]);
  const code = await ended;
  clearInterval(timer);
  if (code !== 0) throw new Error(`the launch of ${count} tasks ended with ${code}`);
  const after = [0, 1, 2].map(() => [look('tasks'), version()]);
  return {
    status: median(amid.map(([seconds]) => seconds)),
    tasks: median(after.map(([seconds]) => seconds)),
    version: median([...amid, ...after].map(([, seconds]) => seconds)),
    peaks,
  };
}

/** 0 before its claim. */
function supervisorIn(runs) {
  try {
    const [run = ''] = readdirSync(runs);
    return JSON.parse(readFileSync(join(runs, run, 'receipt/claim'), 'utf8')).pid ?? 0;
  } catch {
    return 0;
  }
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
