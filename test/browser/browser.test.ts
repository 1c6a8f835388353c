import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { barriers, describeInBrowser, openPage, sideways } from '../support/browser.ts';
import { temporaryFolder } from '../support/project.ts';

function pageOf(body: string, head = ''): string {
  const file = join(temporaryFolder(), 'page.html');
  writeFileSync(
    file,
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>t</title>${head}</head><body><main><h1>one</h1>${body}</main></body></html>`,
  );
  return file;
}

const POLICY = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:">`;

describeInBrowser('what the tests of pages see', () => {
  it('is nothing on a page that keeps to itself', async () => {
    const { page, requests, messages, forbidden } = await openPage(pageOf('<p>text</p>', POLICY));
    expect([requests, messages, await forbidden(), await barriers(page), await sideways(page)]).toEqual([
      [],
      [],
      [],
      [],
      0,
    ]);
  });

  it('is what a page asks for, says, may not do, bars people with, and hides to the right', async () => {
    const image = await openPage(pageOf('<img src="missing.png"><div style="width: 5000px">wide</div>'));
    expect(image.requests).toEqual([expect.stringMatching(/\/missing\.png$/)]);
    expect(image.messages).toEqual([expect.stringMatching(/^error: Failed to load/)]);
    expect(await barriers(image.page)).toEqual([expect.stringMatching(/^image-alt: /)]);
    expect(await sideways(image.page)).toBeGreaterThan(1000);
    const styled = await openPage(pageOf('<p style="color: red">red</p>', POLICY));
    expect(await styled.forbidden()).toEqual([expect.stringMatching(/^style-src-attr: inline/)]);
  });

  it('is light or dark, as asked', async () => {
    const style = '<style>:root { color-scheme: light dark; color: light-dark(#010101, #fefefe) }</style>';
    const colours = await Promise.all(
      (['light', 'dark'] as const).map(async (scheme) => {
        const { page } = await openPage(pageOf('', style), { scheme });
        return page.evaluate<string>('getComputedStyle(document.documentElement).color');
      }),
    );
    expect(colours).toEqual(['rgb(1, 1, 1)', 'rgb(254, 254, 254)']);
  });
});
