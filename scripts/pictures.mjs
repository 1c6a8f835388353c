// Takes pictures of pages, to look at them: `npm run pictures`, or `npm run pictures -- PAGE.html …`. Without a page, it makes
// pages of sample runs. The pictures are in light and dark, wide and narrow, and on paper.
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { startBrowser } from './lib/browser/find.mjs';

const FOLDER = resolve('pictures');

const LOOKS = [
  { name: 'light', colorScheme: 'light', width: 1100 },
  { name: 'dark', colorScheme: 'dark', width: 1100 },
  { name: 'narrow', colorScheme: 'light', width: 360 },
];

mkdirSync(FOLDER, { recursive: true });
const pages = process.argv.length > 2 ? process.argv.slice(2).map((page) => resolve(page)) : await samplePages();
const browser = await startBrowser();
for (const page of pages) {
  for (const look of LOOKS) console.log(await pictureOf(page, look));
  console.log(await paperOf(page));
}
await browser.close();

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
  await opened.screenshot({ path, fullPage: true });
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
