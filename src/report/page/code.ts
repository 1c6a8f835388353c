import { bytesText } from '../../platform/units.ts';
import type { Manifest } from '../../records/manifest-schema.ts';
import { cutText, type Markup, markup, type MarkupPart } from '../markup.ts';
import type { RunRecord } from '../read-record.ts';
import type { PageSection } from './shell.ts';
import { bulletList, digestText, factTable, noteText, textBlock } from './tables.ts';

/** The code that ran, and who approved it. Pure. */

const MOST_PATCH_LINES = 80;
const LONGEST_LINE = 240;

export function codeSection({ manifest, patch }: RunRecord): PageSection {
  const { commit, fingerprint } = manifest;
  const facts = factTable([
    ['Commit', commit.sha === null ? cutText(commit.reason ?? 'none', 500) : digestText(commit.sha)],
    ['Described as', commit.describe === null || isAbbreviated(commit) ? null : cutText(commit.describe, 200)],
    ['Branch', commit.branch === null ? null : cutText(commit.branch, 200)],
    ['Remote', commit.remote_url === null ? null : cutText(commit.remote_url, 500)],
    ['Work tree', workTreeWords(commit)],
    ['Digest of the code', digestText(commit.code_digest ?? commit.tree_digest)],
    ['Fingerprint', digestText(fingerprint)],
    ...approvalFacts(manifest),
  ]);
  const notes = [...commit.notes, ...leftOutOf(commit)].slice(0, 20).map((note) => cutText(note, 500));
  return { id: 'code', name: 'Code and approval', body: markup`${facts}${bulletList(notes)}${patchOf(patch)}` };
}

/** Without a tag git describes a commit by the beginning of its digest. */
function isAbbreviated({ sha, describe }: Manifest['commit']): boolean {
  return sha !== null && describe !== null && sha.startsWith(describe);
}

function workTreeWords({ dirty, files, bytes, patch }: Manifest['commit']): string | null {
  const size = files === null ? '' : `, ${files} files${bytes === null ? '' : `, ${bytesText(bytes)}`}`;
  if (dirty === null) return size === '' ? null : size.slice(2);
  if (!dirty) return `as committed${size}`;
  return `uncommitted changes${patch === null ? '' : ` (code.patch, ${bytesText(patch.bytes)})`}${size}`;
}

function leftOutOf({ patch }: Manifest['commit']): readonly string[] {
  return (patch?.left_out ?? []).map(({ path, reason }) => `Not in the patch: ${path} (${reason}).`);
}

function approvalFacts({
  review,
  approved,
  commit,
  inputs,
  iteration_id,
}: Manifest): readonly (readonly [string, MarkupPart])[] {
  if (review === undefined && approved === undefined) return [['Approval', 'passed; the review names no digests']];
  const by = review === undefined ? 'the review does not say by whom' : `by ${cutText(review.by, 200)}`;
  const author = review?.author ? `, of what ${cutText(review.author, 200)} wrote` : '';
  const design = inputs[`experiments/${iteration_id}/design.yaml`] ?? null;
  return [
    ['Approval', `${by}${author}${review?.signed === true ? ', signed' : ''}`],
    ['Approved code', comparedWords(approved?.code ?? null, commit.code_digest ?? null)],
    ['Approved design', comparedWords(approved?.design ?? null, design)],
  ];
}

function comparedWords(approved: string | null, ran: string | null): string | null {
  if (approved === null || ran === null) return null;
  return approved === ran ? 'the same bytes as ran' : 'other bytes than ran';
}

/** The beginning of the uncommitted changes. */
function patchOf(patch: string | null): Markup | null {
  if (patch === null) return null;
  const lines = patch.replace(/\n$/, '').split('\n');
  const shown = lines.slice(0, MOST_PATCH_LINES).map((line) => cutText(line, LONGEST_LINE));
  const left = lines.length - shown.length;
  return markup`<h3>Uncommitted changes</h3>
${textBlock('Uncommitted changes', shown.join('\n'))}${left > 0 ? noteText('The rest is in code.patch.') : null}`;
}
