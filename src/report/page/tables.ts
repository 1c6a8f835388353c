import { cutText, type Markup, markup, type MarkupPart, NO_MARKUP } from '../markup.ts';

/** Tables and lists of the pages. Pure. */

export interface Column {
  readonly name: string;
  /** Numbers stand at the right. */
  readonly number?: boolean;
}

export interface DataTable {
  readonly name: string;
  /** Shown above; left out if the heading before it says the same. */
  readonly caption?: string;
  readonly columns: readonly Column[];
  /** The first cell names its row. */
  readonly rows: readonly DataRow[];
}

export interface DataRow {
  readonly cells: readonly MarkupPart[];
  /** The row that counts most. */
  readonly main?: boolean;
}

/** Scrolls by itself if there is no room for it. */
export function dataTable({ name, caption, columns, rows }: DataTable): Markup {
  const classOf = (index: number): Markup => (columns[index]?.number === true ? markup` class="n"` : NO_MARKUP);
  const head = columns.map((column, index) =>
    // An empty header is none.
    column.name === '' ? markup`<td></td>` : markup`<th scope="col"${classOf(index)}>${column.name}</th>`,
  );
  const body = rows.map(
    ({ cells, main }) => markup`<tr${main === true ? markup` class="main"` : NO_MARKUP}>${cells.map((cell, index) =>
      index === 0 && cell !== ''
        ? markup`<th scope="row"${classOf(index)}>${cell}</th>`
        : markup`<td${classOf(index)}>${cell}</td>`,
    )}</tr>
`,
  );
  return markup`<div class="wide" tabindex="0" role="region" aria-label="${name}"><table class="list">${caption === undefined ? NO_MARKUP : markup`<caption>${caption}</caption>`}<thead><tr>${head}</tr></thead><tbody>
${body}</tbody></table></div>
`;
}

/** What something is: names and values. What has no value is left out. */
export function factTable(facts: readonly (readonly [string, MarkupPart])[]): Markup {
  const rows = facts
    .filter(([, value]) => value !== null && value !== '')
    .map(
      ([name, value]) => markup`<tr><th scope="row">${name}</th><td>${value}</td></tr>
`,
    );
  return rows.length === 0
    ? NO_MARKUP
    : markup`<table class="facts"><tbody>
${rows}</tbody></table>
`;
}

export function codeText(text: string, most = 2000): Markup {
  return markup`<code>${cutText(text, most)}</code>`;
}

export function digestText(digest: string | null): Markup | null {
  return digest === null ? null : markup`<span class="digest">${digest}</span>`;
}

/** A path in a cell: it may break anywhere. */
export function pathText(path: string, most = 300): Markup {
  return markup`<span class="path">${cutText(path, most)}</span>`;
}

/** A few lines of text as they are; it scrolls. */
export function textBlock(name: string, text: string): Markup {
  return markup`<pre tabindex="0" role="region" aria-label="${name}">${text}</pre>
`;
}

/** The first of many, and a sentence about the rest. */
export function firstOfMany<T>(
  items: readonly T[],
  most: number,
): { readonly first: readonly T[]; readonly left: number } {
  return { first: items.slice(0, most), left: Math.max(0, items.length - most) };
}

export function noteText(text: MarkupPart): Markup {
  return markup`<p class="note">${text}</p>
`;
}

export function bulletList(items: readonly MarkupPart[]): Markup {
  return items.length === 0
    ? NO_MARKUP
    : markup`<ul class="plain">${items.map((item) => markup`<li>${item}</li>`)}</ul>
`;
}
