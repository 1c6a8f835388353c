import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { autolab, inRun } from '../support/autolab.ts';
import { barriers, describeInBrowser, openPage, type Scheme, sideways } from '../support/browser.ts';
import { openProject, recordOf } from '../support/old-records.ts';
import { samplePages } from '../support/pages/sample-pages.ts';
import { edit, keepUntilEnd, readJson, temporaryFolder, write } from '../support/project.ts';
import { ranProject } from '../support/results.ts';

/** Pages as a person sees them: X17. */

const SAMPLES = samplePages();
/** What its sample says before anything else. */
const VERDICTS = {
  good: 'Completed',
  'out-of-memory': 'Out of memory',
  failed: 'Failed',
  second: 'Completed',
  week: /./,
  hostile: /./,
  cancelled: /./,
  open: 'Running',
  real: 'Completed',
} as const;
const NAMES = [...new Set([...SAMPLES.keys(), ...Object.keys(VERDICTS), 'all'])];

const HOSTILE = `</script></style><img src=x onerror="document.title='pwned'">\u202Egnp.exe`;

describeInBrowser('a page', () => {
  const pages = new Map<string, string>();

  beforeAll(async () => {
    const folder = keepUntilEnd(temporaryFolder());
    for (const [name, text] of SAMPLES) {
      const file = join(folder, `${name}.html`);
      writeFileSync(file, text);
      pages.set(name, file);
    }
    pages.set('real', await realPage());
    pages.set('open', await pageOfOpenRun());
    pages.set('all', await projectPage());
  });

  it.each(NAMES.flatMap((name) => (['light', 'dark'] as const).map((scheme): [string, Scheme] => [name, scheme])))(
    '%s, %s: asks for nothing, says nothing, is allowed what it does, and bars nobody',
    async (name, scheme) => {
      const { page, requests, messages, forbidden } = await openPage(pages.get(name) ?? '', { scheme });
      expect({ requests, messages, forbidden: await forbidden(), barriers: await barriers(page) }).toEqual({
        requests: [],
        messages: [],
        forbidden: [],
        barriers: [],
      });
      await page.close();
    },
  );

  it.each(NAMES.flatMap((name) => [1280, 360].map((width): [string, number] => [name, width])))(
    '%s, %i pixels wide: nobody scrolls sideways',
    async (name, width) => {
      const { page } = await openPage(pages.get(name) ?? '', { width });
      expect(await sideways(page)).toBe(0);
      await page.close();
    },
  );

  it.each(Object.entries(VERDICTS))('%s: what a person sees first is %s', async (name, verdict) => {
    for (const width of [1280, 360]) {
      const { page } = await openPage(pages.get(name) ?? '', { width, height: 800 });
      const [first, second] = await largestTexts(page);
      expect(first?.text).toMatch(verdict);
      expect(first?.tag).toBe('H1');
      expect(first?.size).toBeGreaterThanOrEqual(38);
      expect(first?.size).toBeGreaterThan(1.4 * (second?.size ?? 0));
      expect(first?.top).toBeLessThan(200);
      await page.close();
    }
  });

  it.each(['hostile', 'all'])('%s: hostile text stays text', async (name) => {
    const { page, messages } = await openPage(pages.get(name) ?? '');
    const made = 'document.querySelectorAll("img:not([src^=data]), script, iframe, object, [onerror]").length';
    expect(await page.evaluate<number>(made)).toBe(0);
    const text = await page.evaluate<string>('document.body.innerText');
    expect(text).toContain('<img src=x onerror=');
    expect(text).not.toContain('\u202E');
    expect([await page.title(), messages]).not.toEqual(['pwned', messages]);
    await page.close();
  });

  it.each(NAMES)('%s: prints on A4 without a table, a picture or a line that is cut', async (name) => {
    // 210 mm less two margins of 15 mm, at 96 dots per inch.
    const { page } = await openPage(pages.get(name) ?? '', { width: 680 });
    await page.emulateMedia({ media: 'print' });
    expect(await cutOff(page)).toEqual([]);
    const pdf = await page.pdf({ preferCSSPageSize: true });
    expect(pdf.toString('latin1')).toMatch(/MediaBox ?\[ ?0 0 59[45](?:\.\d+)? 84[12](?:\.\d+)?\]/);
    await page.close();
  });
});

async function realPage(): Promise<string> {
  return inRun(keepUntilEnd(await ranProject()), 'iter1', 'r1', 'report.html');
}

async function pageOfOpenRun(): Promise<string> {
  const root = keepUntilEnd(openProject('open-local-running'));
  const { run_id, iteration_id } = readJson(root, '.autolab/active_run.json') as {
    run_id: string;
    iteration_id: string;
  };
  expect((await autolab(root, ['report'])).status).toBe(0);
  return join(root, `experiments/${iteration_id}/runs/${run_id}/receipt/report.html`);
}

/** Of a run here, records of other versions, and one that can be hostile. */
async function projectPage(): Promise<string> {
  const root = keepUntilEnd(
    await ranProject({ command: ['bash', 'experiments/iter1/main.sh', '--name', HOSTILE, '--long', 'x'.repeat(300)] }),
  );
  edit(root, '.autolab/state.json', (text) => text.replace('"extract_results"', '"launch"'));
  edit(root, 'experiments/iter1/design.yaml', (text) =>
    text.replace('onerror=', 'onload=').replace('x'.repeat(300), 'y'),
  );
  expect((await autolab(root, ['launch', '--run-id', 'r2'])).status).toBe(0);
  for (const name of ['format-2/slurm-failed', 'format-1/local-completed', 'format-1/ssh-abandoned']) {
    const { journal, manifest } = recordOf(name);
    const { run_id, iteration_id } = JSON.parse(manifest) as { run_id: string; iteration_id: string };
    write(root, `experiments/${iteration_id}/runs/${run_id}/journal.jsonl`, journal);
  }
  expect((await autolab(root, ['report', '--all'])).status).toBe(0);
  return join(root, 'experiments/report.html');
}

interface SeenText {
  readonly tag: string;
  readonly text: string;
  /** In pixels. */
  readonly size: number;
  readonly top: number;
}

/** What stands there, the largest first. */
async function largestTexts(page: Page): Promise<readonly SeenText[]> {
  return page.evaluate<SeenText[]>(`
    [...document.querySelectorAll('body *')]
      .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== ''))
      .map((element) => ({
        tag: element.tagName,
        text: element.textContent.trim(),
        size: parseFloat(getComputedStyle(element).fontSize),
        top: element.getBoundingClientRect().top,
      }))
      .sort((a, b) => b.size - a.size)
      .slice(0, 2)
  `);
}

/** What is wider than the paper, or hides a part of what is in it. */
async function cutOff(page: Page): Promise<readonly string[]> {
  return page.evaluate<string[]>(`
    [...document.querySelectorAll('body *')]
      .filter((element) => element.closest('details, .unseen') === null)
      .filter((element) => {
        const box = element.getBoundingClientRect();
        const hides = getComputedStyle(element).overflowX !== 'visible' && element.scrollWidth > element.clientWidth + 1;
        return box.width > 0 && (box.right > innerWidth + 1 || hides) && !(element instanceof SVGElement && element.closest('svg') !== element);
      })
      .map((element) => element.tagName + ' ' + element.className + ' ' + element.textContent.slice(0, 60))
  `);
}
