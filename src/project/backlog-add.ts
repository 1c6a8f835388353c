import { isDeepStrictEqual } from 'node:util';
import { hasErrors, type LocatedDocument, problemOfFile, type SourceNode } from '../documents/located.ts';
import { yamlDocument } from '../documents/yaml-document.ts';
import { flowYaml, yamlScalar } from '../documents/yaml-text.ts';
import type { Problem } from '../errors/problem.ts';
import { BACKLOG_FILE } from './backlog.ts';

/** Adds entries to the backlog: comments, order and spacing of what is there stay. Pure. */

export interface NewExperimentEntry {
  readonly id: string;
  readonly hypothesis_id?: string;
  readonly iteration_id: string;
  readonly status: 'open';
}

export interface NewHypothesisEntry {
  readonly id: string;
  readonly status: 'open';
  readonly title: string;
  readonly success_metric?: string;
  readonly target_delta?: number;
}

type Entry = NewExperimentEntry | NewHypothesisEntry;
type ListKey = 'hypotheses' | 'experiments';

/** The text with the entries at the end of their lists; a problem if the place for one cannot be found. */
export function addToBacklog(
  text: string,
  experiment: NewExperimentEntry,
  hypothesis: NewHypothesisEntry | null,
): { readonly text: string } | Problem {
  const first = hypothesis === null ? { text } : addEntry(text, 'hypotheses', hypothesis);
  return 'text' in first ? addEntry(first.text, 'experiments', experiment) : first;
}

function addEntry(given: string, key: ListKey, entry: Entry): { readonly text: string } | Problem {
  // Offsets refer to the text without a BOM, which is put back.
  const bom = given.startsWith('\uFEFF') ? '\uFEFF' : '';
  const document = yamlDocument(given, BACKLOG_FILE);
  const added = document.root === null ? null : insert(document, document.root, key, entry);
  if (added !== null && isProven(document, yamlDocument(added, BACKLOG_FILE), key, entry)) return { text: bom + added };
  return problemOfFile(
    BACKLOG_FILE,
    'backlog.invalid',
    `nothing can be added to \`${key}\` without changing the rest of the file; add by hand: - ${flowYaml(entry)}`,
  );
}

/** Proof of the edit: parsed again, the document has the entry at the end of that list, and is the same besides. */
function isProven(before: LocatedDocument, after: LocatedDocument, key: ListKey, entry: Entry): boolean {
  if (hasErrors(after.problems) || after.value === undefined) return false;
  const list = before.value?.[key];
  const items: readonly unknown[] = Array.isArray(list) ? list : [];
  return isDeepStrictEqual(after.value, { ...before.value, [key]: [...items, entry] });
}

function insert(document: LocatedDocument, root: SourceNode, key: ListKey, entry: Entry): string | null {
  const { text } = document;
  const node = root.children.get(key) ?? null;
  const isFlow = text.slice(root.start, root.end).trimStart().startsWith('{');
  if (isFlow) return insertInFlow(text, root, node, key, entry);
  if (node === null) return atTheEnd(text, key, entry);
  const last = [...node.children.values()].at(-1);
  if (last === undefined) return insteadOfNothing(text, node, entry);
  const isFlowList = text[node.start] === '[';
  return isFlowList ? insertAt(text, last.end, `, ${flowYaml(entry)}`) : afterItem(text, node, last, entry);
}

function insertAt(text: string, at: number, added: string): string {
  return text.slice(0, at) + added + text.slice(at);
}

function newlineOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

/** The lines of an entry in a list whose dashes have this indentation. */
function linesOf(entry: Entry, indent: string): readonly string[] {
  return Object.entries(entry).map(
    ([key, value], index) =>
      `${indent}${index === 0 ? '- ' : '  '}${key}: ${typeof value === 'string' ? yamlScalar(value) : flowYaml(value)}`,
  );
}

function atTheEnd(text: string, key: ListKey, entry: Entry): string {
  const newline = newlineOf(text);
  const lines = [`${key}:`, ...linesOf(entry, '  '), ''];
  return `${text}${text.endsWith('\n') ? '' : newline}${lines.join(newline)}`;
}

/** The start of the line after a place; with a line feed if the text has none at its end. */
function nextLine(text: string, after: number): { readonly before: string; readonly rest: string } {
  if (text[after - 1] === '\n') return { before: text.slice(0, after), rest: text.slice(after) };
  const end = text.indexOf('\n', after);
  if (end < 0) return { before: `${text}${newlineOf(text)}`, rest: '' };
  return { before: text.slice(0, end + 1), rest: text.slice(end + 1) };
}

function afterItem(text: string, list: SourceNode, last: SourceNode, entry: Entry): string | null {
  // The dash of the last item, on its own line or on that of its first key.
  const dashes = [...text.slice(0, last.start).matchAll(/^( *)-(?=[ \t\r\n])/gm)];
  const indent = dashes.filter(({ index }) => index >= lineStart(text, list.start)).at(-1);
  if (indent === undefined) return null;
  const { before, rest } = nextLine(text, endOf(text, last));
  return [before, ...linesOf(entry, indent[1] ?? '').map((line) => `${line}${newlineOf(text)}`), rest].join('');
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** The end of the last value in a node: a node may reach over comments that follow it. */
function endOf(text: string, node: SourceNode): number {
  const last = [...node.children.values()].at(-1);
  const isFlow = /^[[{]/.test(text.slice(node.start, node.end));
  return last === undefined || isFlow ? node.end : endOf(text, last);
}

/** `experiments: []`, or no value at all. */
function insteadOfNothing(text: string, node: SourceNode, entry: Entry): string {
  const head = text.slice(0, node.start).trimEnd();
  const written = /^(?:\[\s*\]|null|~)?/.exec(text.slice(node.start, node.end))?.[0] ?? '';
  const tail = text.slice(node.start + written.length);
  const joined = head.endsWith(':') ? head : `${head} `;
  const comment = /^[ \t]*#/.test(tail) ? ` ${tail.trimStart()}` : tail.replace(/^[ \t]+/, '');
  const { before, rest } = nextLine(joined + comment, joined.length);
  return [before, ...linesOf(entry, '  ').map((line) => `${line}${newlineOf(text)}`), rest].join('');
}

/** JSON is YAML, too: it stays JSON. */
function insertInFlow(
  text: string,
  root: SourceNode,
  node: SourceNode | null,
  key: ListKey,
  entry: Entry,
): string | null {
  const item = JSON.stringify(entry);
  const [list, added] = node === null ? [root, `"${key}": [${item}]`] : [node, item];
  const last = [...list.children.values()].at(-1);
  if (last !== undefined) return insertAt(text, last.end, `, ${added}`);
  // An empty list: after its bracket.
  return text[list.start] === '[' ? insertAt(text, list.start + 1, added) : null;
}
