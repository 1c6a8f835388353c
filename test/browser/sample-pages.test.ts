import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { barriers, describeInBrowser, openPage, sideways } from '../support/browser.ts';
import { samplePages } from '../support/pages/sample-pages.ts';
import { temporaryFolder } from '../support/project.ts';

const pages = [...samplePages()];

describeInBrowser('pages of sample runs', () => {
  it.each(pages)('%s: keeps to itself, bars nobody, and fits a telephone', async (_, text) => {
    const file = join(temporaryFolder(), 'report.html');
    writeFileSync(file, text);
    for (const scheme of ['light', 'dark'] as const) {
      const { page, requests, messages, forbidden } = await openPage(file, { scheme });
      expect([requests, messages, await forbidden(), await barriers(page), await sideways(page)]).toEqual([
        [],
        [],
        [],
        [],
        0,
      ]);
      await page.close();
    }
    const { page } = await openPage(file, { width: 360 });
    expect(await sideways(page)).toBe(0);
    await page.close();
  });
});
