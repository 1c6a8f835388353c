import { bytesText } from '../../platform/units.ts';
import { cutText, type Markup, markup } from '../markup.ts';
import type { RunRecord } from '../read-record.ts';
import type { PageSection } from './shell.ts';
import { bulletList, dataTable, digestText, firstOfMany, noteText, pathText } from './tables.ts';

/** What a run left, with digests; small pictures and tables are shown. Pure. */

const MOST_FILES = 100;
const LONGEST_PATH = 200;

export function outputsSection(record: RunRecord): PageSection {
  const { manifest, artifacts } = record;
  const { artifacts: summary } = manifest;
  if (summary === null) return { id: 'outputs', name: 'Outputs', body: noteText('No outputs were recorded.') };
  const size = `${summary.files} files, ${bytesText(summary.bytes)}${summary.partial ? '; partial, because the run did not complete' : ''}.`;
  const declared = summary.declared
    .slice(0, 50)
    .map(
      ({ pattern, required, matches }) =>
        markup`${cutText(pattern, LONGEST_PATH)}: ${matches} file${matches === 1 ? '' : 's'}${required ? ', required' : ''}`,
    );
  return {
    id: 'outputs',
    name: 'Outputs',
    body: markup`<p>${size} The list with its digest: <span class="digest">${summary.sha256}</span></p>
${bulletList(declared)}${picturesOf(record)}${tablesOf(record)}${fileTable(artifacts)}`,
  };
}

function fileTable(artifacts: RunRecord['artifacts']): Markup {
  if (artifacts === null) return noteText('The list of files is gone, or is not the one that was recorded.');
  const { first, left } = firstOfMany(artifacts, MOST_FILES);
  const table = dataTable({
    name: 'Files',
    columns: [{ name: 'File' }, { name: 'SHA-256' }],
    rows: first.map(({ path, sha256, kind }) => ({
      cells: [markup`${pathText(path, LONGEST_PATH)}${kind === 'symlink' ? ' (link)' : ''}`, digestText(sha256)],
    })),
  });
  return markup`<h3>Files</h3>
${table}${left > 0 ? noteText(`${left} more are in artifacts.sha256.`) : null}`;
}

function picturesOf({ pictures }: RunRecord): Markup | null {
  if (pictures.length === 0) return null;
  const figures = pictures.map(
    ({ path, type, base64 }) =>
      markup`<figure><img src="data:${type};base64,${base64}" alt="${cutText(path, LONGEST_PATH)}"><figcaption class="soft">${cutText(path, LONGEST_PATH)}</figcaption></figure>
`,
  );
  return markup`<div class="pictures">
${figures}</div>
`;
}

function tablesOf({ tables }: RunRecord): readonly Markup[] {
  return tables.map(({ path, rows, left }) => {
    const [head = [], ...body] = rows;
    const name = cutText(path, LONGEST_PATH);
    return markup`${dataTable({
      ...{ name, caption: name, columns: head.map((cell, index) => ({ name: cell, number: isNumeric(body, index) })) },
      rows: body.map((row) => ({ cells: head.map((_, index) => row[index] ?? '') })),
    })}${left > 0 ? noteText(`${left} more lines are in the file.`) : null}`;
  });
}

function isNumeric(rows: readonly (readonly string[])[], column: number): boolean {
  return column > 0 && rows.every((row) => /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*$/.test(row[column] ?? ''));
}
