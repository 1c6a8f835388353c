import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, describe, inject } from 'vitest';
import { loadScript } from '../tooling/scripts.ts';

/** Pages of autolab as a person sees them, in a Chromium without a window. */

declare module 'vitest' {
  interface ProvidedContext {
    /** Of scripts/lib/browser/for-tests.mjs: why there can be no browser. */
    readonly browser: { readonly reason: string | null };
  }
}

/** In place of `describe`: skipped where there is no Chromium, which the run says loudly. */
export const describeInBrowser = describe.skipIf(inject('browser').reason !== null);

/** A page that is open, and what it did that a page should not. */
export interface OpenPage {
  readonly page: Page;
  /** What it asked for besides itself; data in its own text is no request. */
  readonly requests: readonly string[];
  /** Of its console, and errors of its scripts. */
  readonly messages: readonly string[];
  /** What its Content-Security-Policy forbade. */
  readonly forbidden: () => Promise<readonly string[]>;
}

export type Scheme = 'light' | 'dark';

export interface Look {
  readonly scheme?: Scheme;
  readonly width?: number;
  readonly height?: number;
}

const { startBrowser } = await loadScript<{ startBrowser: () => Promise<Browser> }>('browser/find.mjs');
let started: Promise<Browser> | null = null;

afterAll(async () => {
  await (await started)?.close();
  started = null;
});

/** Opens a file from the disk, as a double click does. One browser serves all tests of a file. */
export async function openPage(file: string, { scheme = 'light', width = 1200, height = 900 }: Look = {}) {
  const options: BrowserContextOptions = { colorScheme: scheme, viewport: { width, height } };
  const page = await (await (started ??= startBrowser())).newPage(options);
  const requests: string[] = [];
  const messages: string[] = [];
  page.on('console', (message) => messages.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => messages.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (!request.isNavigationRequest()) requests.push(request.url());
  });
  await page.addInitScript(`
    const violations = (globalThis.violationsOfPolicy = []);
    document.addEventListener('securitypolicyviolation', (event) => {
      violations.push(event.violatedDirective + ': ' + event.blockedURI + ' ' + event.sample);
    });
  `);
  await page.goto(pathToFileURL(file).href);
  const forbidden = (): Promise<readonly string[]> => page.evaluate<string[]>('globalThis.violationsOfPolicy');
  return { page, requests, messages, forbidden } satisfies OpenPage;
}

/** What keeps people from using the page, by axe: a line for each rule, with the first places. */
export async function barriers(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  return page.evaluate<string[]>(`
    axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
      violations.map(({ id, help, nodes }) =>
        id + ': ' + help + ': ' + nodes.slice(0, 3).map(({ html, any }) =>
          html.slice(0, 200) + ' ' + any.map(({ message }) => message).join('; ')).join(' | ')))
  `);
}

/** So many pixels a reader would have to scroll sideways. */
export function sideways(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}
