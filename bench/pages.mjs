import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findBrowser, startBrowser } from '../scripts/lib/browser/find.mjs';
import { chainedJournal, copyRuns } from './many-runs.mjs';
import { compare, interleaved, QUICK, secondsOf, secondsOfProgram } from './measure.mjs';
import { AUTOLAB, launched, makeProject, temporaryFolder } from './project.mjs';

const POINTS = 2000;
const RUNS = QUICK ? 100 : 1000;
const ORIGINAL = 'the-original';

/** A hundred outputs and curves of two metrics. */
const LARGE = `cd "$AUTOLAB_RUN_DIR"; echo '{"accuracy": 0.9}' > metrics.json; mkdir out
for i in $(seq 100); do echo $i > out/part-$i.txt; done
for i in $(seq ${POINTS}); do echo "{\\"step\\": $i, \\"loss\\": 0.$((10000 - i)), \\"accuracy\\": 0.$((10000 + i))}"; done > metrics.jsonl`;
const SMALL = 'echo "{\\"accuracy\\": 0.5}" > "$AUTOLAB_RUN_DIR/metrics.json"';

/** The pages of a run that left much, and of a project with many runs: how long they take to make and to draw, beside Node and an empty page. */
export async function pages() {
  const run = await runWithMuch();
  const project = await projectWithRuns();
  const empty = join(temporaryFolder(), 'empty.html');
  writeFileSync(empty, '<!doctype html><title>empty</title><p>text</p>');
  const made = await interleaved(QUICK ? 3 : 7, {
    node: () => secondsOfProgram([process.execPath, '-e', '0'], { cwd: run.root }),
    run: () => secondsOfProgram([...AUTOLAB, ...run.words], { cwd: run.root }),
    project: () => secondsOfProgram([...AUTOLAB, ...project.words], { cwd: project.root }),
  });
  const node = { name: '`node -e 0`', seconds: made.node };
  const [runWhat, projectWhat] = [`a run with ${POINTS} points and 100 outputs`, `a project with ${RUNS} runs`];
  return [
    compare(`make the page of ${runWhat}`, { seconds: made.run }, node, '< 6'),
    compare(`make the page of ${projectWhat}`, { seconds: made.project }, node, '< 40'),
    size(`size of the page of ${runWhat}`, run.page),
    size(`size of the page of ${projectWhat}`, project.page),
    await memoryOf(`memory to make the page of ${runWhat}`, run),
    await memoryOf(`memory to make the page of ${projectWhat}`, project),
    ...(await drawn({ empty, run: run.page, project: project.page }, { run: runWhat, project: projectWhat })),
  ];
}

function size(what, page) {
  return { what, measured: `${Math.round(statSync(page).size / 1024)} KiB`, against: '', ratio: '', aim: '< 1024 KiB' };
}

async function drawn(files, names) {
  if (findBrowser() === null) return [];
  const browser = await startBrowser();
  const open = (file) => async () => {
    const tab = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const seconds = await secondsOf(async () => {
      await tab.goto(pathToFileURL(file).href);
      await tab.screenshot();
    });
    await tab.close();
    return seconds;
  };
  try {
    const taken = await interleaved(QUICK ? 3 : 7, {
      empty: open(files.empty),
      run: open(files.run),
      project: open(files.project),
    });
    const empty = { name: 'an empty page', seconds: taken.empty };
    return [
      compare(`Chromium draws the page of ${names.run}`, { seconds: taken.run }, empty, '< 5'),
      compare(`Chromium draws the page of ${names.project}`, { seconds: taken.project }, empty, '< 15'),
    ];
  } finally {
    await browser.close();
  }
}

/** The most that the process had, as the kernel counts it. */
async function memoryOf(what, { root, words }) {
  const code = "process.on('exit', () => process.send?.(process.resourceUsage().maxRSS))";
  const preload = join(temporaryFolder(), 'tell-memory.mjs');
  writeFileSync(preload, code);
  const [node, program] = AUTOLAB;
  const child = spawn(node, ['--import', pathToFileURL(preload).href, program, ...words], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  let kib = 0;
  child.on('message', (told) => (kib = told));
  await new Promise((resolve) => child.on('close', resolve));
  return { what, measured: `${Math.round(kib / 1024)} MiB`, against: '', ratio: '', aim: '< 250 MiB' };
}

async function launchedProject(script, words = []) {
  const root = makeProject(['bash', '-c', script, 'bash', ...words]);
  const design = join(root, 'experiments/iter1/design.yaml');
  const metrics = 'metrics: {primary: {name: accuracy, mode: maximize}}\nbaselines: [{name: majority, value: 0.44}]\n';
  writeFileSync(design, readFileSync(design, 'utf8') + metrics);
  await launched(root, process.env, ['--run-id', ORIGINAL]);
  return { root, runs: join(root, 'experiments/iter1/runs') };
}

async function runWithMuch() {
  const { root, runs } = await launchedProject(LARGE);
  const folder = join(runs, ORIGINAL);
  const usage = Array.from({ length: POINTS }, (_, t) =>
    JSON.stringify({ t, cpu_seconds: t * 0.9, memory_bytes: 100_000_000 + 40_000 * ((t * 37) % 997) }),
  ).join('\n');
  const text = `${usage}\n`;
  writeFileSync(join(folder, 'receipt/usage.jsonl'), text);
  const journal = join(folder, 'journal.jsonl');
  const lines = readFileSync(journal, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const sha256 = createHash('sha256').update(text).digest('hex');
  for (const { event, data } of lines) if (event === 'run.observed') data.usage = { gpus: 0, points: POINTS, sha256 };
  writeFileSync(journal, chainedJournal(lines));
  return { root, words: ['report', `iter1/${ORIGINAL}`], page: join(folder, 'report.html') };
}

async function projectWithRuns() {
  const { root, runs } = await launchedProject(SMALL, ['--seed', '0']);
  copyRuns(runs, ORIGINAL, RUNS);
  return { root, words: ['report', '--all'], page: join(root, 'experiments/report.html') };
}
