// Takes pictures of pages, to look at them: `npm run pictures`, or `npm run pictures -- PAGE.html …`. Without a page, it makes
// pages of sample runs. The pictures are in light and dark, wide and narrow, and on paper. `npm run pictures -- --readme` runs the
// demo and takes the picture that the README shows.
import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { findBrowser, startBrowser } from './lib/browser/find.mjs';
import { prepare, setUpIfMissing } from './lib/prerequisites.mjs';

const FOLDER = resolve('pictures');

const LOOKS = [
  { name: 'light', colorScheme: 'light', width: 1100 },
  { name: 'dark', colorScheme: 'dark', width: 1100 },
  { name: 'narrow', colorScheme: 'light', width: 360 },
];

/** What the README shows: the page down to its curves. */
const README = { file: resolve('docs/images/report.png'), width: 900, height: 1030 };
const MOST_BYTES = 150_000;
/** A page of many runs has no end. */
const MOST_HEIGHT = 8000;

const words = process.argv.slice(2);
await prepare(console.error);
if (findBrowser() === null) await setUpIfMissing(['browser'], console.error);
const browser = await startBrowser();
try {
  if (words[0] === '--readme') await readmePicture();
  else await picturesOf(words.map((page) => resolve(page)));
} finally {
  await browser.close();
}

async function picturesOf(given) {
  mkdirSync(FOLDER, { recursive: true });
  for (const page of given.length > 0 ? given : await samplePages()) {
    for (const look of LOOKS) console.log(await pictureOf(page, look));
    console.log(await paperOf(page));
  }
}

/** The page is that of the demo's launch; its last line names it. */
async function readmePicture() {
  const output = execFileSync(process.execPath, [resolve('scripts/demo.mjs')], { encoding: 'utf8' });
  const [page] = /file:\/\/\S+\/report\.html$/m.exec(output) ?? [];
  if (page === undefined) throw new Error('The demo did not name the page of its run.');
  const { file, width, height } = README;
  mkdirSync(dirname(file), { recursive: true });
  const opened = await browser.newPage({ colorScheme: 'light', viewport: { width, height } });
  await opened.goto(page);
  await opened.screenshot({ path: file });
  const { size } = statSync(file);
  console.log(`${file}: ${size} bytes`);
  if (size > MOST_BYTES) throw new Error(`The picture has more than ${MOST_BYTES} bytes.`);
}

/** @returns {Promise<string[]>} paths of pages of sample runs */
async function samplePages() {
  const bundle = join(FOLDER, 'sample-pages.mjs');
  await build({
    entryPoints: ['test/support/pages/sample-pages.ts'],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  const { samplePages: made } = await import(pathToFileURL(bundle).href);
  return [...made()].map(([name, text]) => {
    const page = join(FOLDER, `${name}.html`);
    writeFileSync(page, text);
    return page;
  });
}

async function pictureOf(page, { name, colorScheme, width }) {
  const opened = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
  await opened.goto(pathToFileURL(page).href);
  const path = join(FOLDER, `${basename(page, '.html')}.${name}.png`);
  const length = await opened.evaluate('document.documentElement.scrollHeight');
  await opened.setViewportSize({ width, height: Math.min(length, MOST_HEIGHT) });
  await opened.screenshot({ path });
  await opened.close();
  return path;
}

async function paperOf(page) {
  const opened = await browser.newPage();
  await opened.goto(pathToFileURL(page).href);
  const path = join(FOLDER, `${basename(page, '.html')}.pdf`);
  await opened.pdf({ path, preferCSSPageSize: true, printBackground: true });
  await opened.close();
  return path;
}
