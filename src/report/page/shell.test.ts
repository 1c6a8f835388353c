import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { layoutOf } from '../../records/page-file.ts';
import { markup } from '../markup.ts';
import { LAYOUT_VERSION } from './layout.ts';
import { pageText } from './shell.ts';

const page = pageText({
  title: '</title><script>alert(1)</script>',
  head: markup`<h1>one</h1>`,
  sections: [{ id: 'two', name: 'Two & three', body: markup`<p>text</p>` }],
  foot: markup`<p>end</p>`,
});

it('a page allows its own style and pictures inside of it, and nothing else', () => {
  const style = /<style>([^]*)<\/style>/.exec(page)?.[1] ?? '';
  const digest = createHash('sha256').update(style).digest('base64');
  expect(page).toContain(
    `content="default-src 'none'; style-src 'sha256-${digest}'; img-src data:; base-uri 'none'; form-action 'none'"`,
  );
  expect(page).not.toMatch(/<script|style="|https?:/);
});

it('a page names its layout, and where its sections are', () => {
  expect(layoutOf(page)).toBe(LAYOUT_VERSION);
  expect(layoutOf('<!doctype html><title>another</title>')).toBeNull();
  expect(page).toContain('<a href="#two">Two &amp; three</a>');
  expect(page).toContain('<h2 id="two">Two &amp; three</h2>');
});
