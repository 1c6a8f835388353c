import { pathOf } from '../apt.mjs';

/** Chromium by any name; the smallest first. */
const NAMES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'];

/** What keeps Chromium from asking its maker for anything, and lets it run as root and without a graphics card. */
const FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** @returns {string | null} the path of a Chromium */
export function findBrowser() {
  return NAMES.map(pathOf).find((path) => path !== null) ?? null;
}

/**
 * Starts a Chromium without a window.
 *
 * @param {string[]} [flags] more words of its command line
 * @returns {Promise<import('playwright-core').Browser>}
 */
export async function startBrowser(flags = []) {
  const executablePath = findBrowser();
  if (executablePath === null) throw new Error(`There is no Chromium here (${NAMES.join(', ')}).`);
  const { chromium } = await import('playwright-core');
  return chromium.launch({ executablePath, chromiumSandbox: false, args: [...FLAGS, ...flags] });
}
