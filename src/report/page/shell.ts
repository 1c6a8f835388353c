import { sha256 } from '../../platform/ids.ts';
import { pageHead } from '../../records/page-file.ts';
import { type Markup, markup } from '../markup.ts';
import { LAYOUT_VERSION } from './layout.ts';
import { THEME } from './theme.ts';

/**
 * A whole page: one file that needs nothing else, runs nothing, and may ask for nothing. It has no date of its own: the same
 * record gives the same bytes. Pure.
 */

export interface PageContent {
  /** Of the window. */
  readonly title: string;
  /** What is seen first: `pageVerdict`, or a heading of its own with an h1. */
  readonly head: Markup;
  /** Left out: no list of contents. */
  readonly sections: readonly PageSection[];
  /** The last line. */
  readonly foot: Markup;
  /** Besides the style of all pages; left out if that is enough. */
  readonly theme?: string;
}

export interface PageSection {
  /** Unique on the page: a word. */
  readonly id: string;
  readonly name: string;
  readonly body: Markup;
}

/** What a browser may load: the style of this page, and pictures inside of it. Inline `style` attributes do not work. */
function policyFor(style: string): string {
  return `default-src 'none'; style-src 'sha256-${Buffer.from(sha256(style), 'hex').toString('base64')}'; img-src data:; base-uri 'none'; form-action 'none'`;
}

export function pageText({ title, head, sections, foot, theme = '' }: PageContent): string {
  const style = `${THEME}${theme}`;
  return markup`${{ markup: pageHead(LAYOUT_VERSION) }}<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${{ markup: policyFor(style) }}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${{ markup: style }}</style>
</head>
<body>
<div class="page">
<header>
${head}
</header>
${contentsOf(sections)}<main>
${sections.map(sectionOf)}</main>
<footer class="note">
${foot}
</footer>
</div>
</body>
</html>
`.markup;
}

function contentsOf(sections: readonly PageSection[]): Markup {
  const items = sections.map(({ id, name }) => markup`<li><a href="#${id}">${name}</a></li>`);
  return markup`<nav class="contents" aria-label="Contents"><ul>${items}</ul></nav>
`;
}

function sectionOf({ id, name, body }: PageSection): Markup {
  return markup`<section aria-labelledby="${id}">
<h2 id="${id}">${name}</h2>
${body}
</section>
`;
}
