import { jsonText } from './canonical-json.ts';
import { NumberText, scanJson } from './json-scan.ts';
import type { SourceNode } from './located.ts';

/**
 * Edits a JSON object that another program wrote: what does not change keeps its bytes, its order and its layout, so
 * that `git diff` shows what changed and nothing else. Pure.
 */

export interface JsonEdits {
  /** New values of keys; one that is there is replaced in its place, another one goes to the end. */
  readonly set: Readonly<Record<string, unknown>>;
  /** An item for the end of the list of this key; what is no list gives way to one. */
  readonly append?: { readonly key: string; readonly item: unknown } | undefined;
  /** Items that go from the list of this key. */
  readonly remove?: { readonly key: string; readonly isGone: (item: unknown) => boolean } | undefined;
}

interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Returns null if the text is not a JSON object. A byte order mark goes: many readers of JSON refuse it. */
export function editJson(text: string, edits: JsonEdits): string | null {
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const result = scanJson(body);
  if (!result.ok || body[result.scan.root.start] !== '{') return null;
  const { root, value } = result.scan;
  const object: ScannedObject = { text: body, root, value: { ...(value as object) }, layout: layoutOf(body, root) };
  const changes = [...replaced(object, edits), ...removed(object, edits), ...added(object, edits)];
  return spliced(body, changes, body.includes('\r\n') ? '\r\n' : '\n');
}

interface ScannedObject {
  readonly text: string;
  readonly root: SourceNode;
  readonly value: Readonly<Record<string, unknown>>;
  readonly layout: ObjectLayout;
}

function replaced({ text, root, value, layout }: ScannedObject, { set, append }: JsonEdits): readonly Splice[] {
  const changes = Object.entries(set).flatMap(([key, wanted]) => {
    const node = root.children.get(key);
    return node === undefined || isSame(value[key], wanted) ? [] : [{ ...node, text: jsonText(wanted, layout) }];
  });
  const list = append === undefined ? undefined : root.children.get(append.key);
  return list === undefined ? changes : [...changes, appended(text, list, append?.item, layout)];
}

function removed({ root, value }: ScannedObject, { remove }: JsonEdits): readonly Splice[] {
  const list = remove === undefined ? undefined : root.children.get(remove.key);
  const items: unknown = remove === undefined ? null : value[remove.key];
  if (remove === undefined || list === undefined || !Array.isArray(items)) return [];
  return without(list, items.map(remove.isGone));
}

function added({ root, layout }: ScannedObject, { set, append }: JsonEdits): readonly Splice[] {
  const wanted = append === undefined ? set : { ...set, [append.key]: [append.item] };
  const members = Object.entries(wanted).filter(([key]) => !root.children.has(key));
  return members.length === 0 ? [] : [withMembers(root, members, layout)];
}

/** A value that is the same stays as it was written: `1.0`, or an escape that is not needed. */
function isSame(there: unknown, wanted: unknown): boolean {
  return Object.is(there instanceof NumberText ? Number(there.raw) : there, wanted);
}

interface ObjectLayout {
  /** Of a member of the object. */
  readonly indent: string;
  readonly unit: string | null;
}

/** By the object's first member; an empty object, or one in one line without members, has ours. */
function layoutOf(text: string, { start, children }: SourceNode): ObjectLayout {
  const [first] = children.values();
  if (first?.keyStart === undefined || first.keyStart === null) return { indent: '  ', unit: '  ' };
  const before = text.slice(start + 1, first.keyStart);
  const at = before.lastIndexOf('\n');
  return at < 0 ? { indent: '', unit: null } : { indent: before.slice(at + 1), unit: before.slice(at + 1) || '  ' };
}

function appended(text: string, list: SourceNode, item: unknown, layout: ObjectLayout): Splice {
  const last = [...list.children.values()].at(-1);
  if (last === undefined || text[list.start] !== '[') return { ...list, text: jsonText([item], layout) };
  const before = spaceBefore(text, last.start);
  const at = before.lastIndexOf('\n');
  const oneLine = at < 0 || !text.slice(last.start, last.end).includes('\n');
  const ofItem = oneLine ? { indent: '', unit: null } : { ...layout, indent: before.slice(at + 1) };
  // The first item may stand right after the bracket.
  const between = before === '' ? ' ' : before;
  return { start: last.end, end: last.end, text: `,${between}${jsonText(item, ofItem)}` };
}

/** An item goes with the comma and the space that follow it; the last ones with those before them. */
function without(list: SourceNode, gone: readonly boolean[]): readonly Splice[] {
  const lastKept = gone.lastIndexOf(false);
  if (lastKept < 0) return gone.length === 0 ? [] : [{ ...list, text: '[]' }];
  const nodes = [...list.children.values()];
  const startOf = (index: number): number => nodes[index]?.start ?? list.end;
  const endOf = (index: number): number => nodes[index]?.end ?? list.end;
  const between = gone.flatMap((isGone, index) =>
    isGone && index < lastKept ? [{ start: startOf(index), end: startOf(index + 1), text: '' }] : [],
  );
  if (lastKept === gone.length - 1) return between;
  return [...between, { start: endOf(lastKept), end: endOf(gone.length - 1), text: '' }];
}

function withMembers(object: SourceNode, added: readonly (readonly [string, unknown])[], layout: ObjectLayout): Splice {
  const members = added.map(([key, value]) => `${JSON.stringify(key)}: ${jsonText(value, layout)}`);
  const last = [...object.children.values()].reduce<SourceNode | null>(
    (found, node) => (found === null || node.end > found.end ? node : found),
    null,
  );
  const between = layout.unit === null ? ' ' : `\n${layout.indent}`;
  if (last === null) return { ...object, text: `{\n${layout.indent}${members.join(`,${between}`)}\n}` };
  return { start: last.end, end: last.end, text: members.map((member) => `,${between}${member}`).join('') };
}

function spaceBefore(text: string, offset: number): string {
  let start = offset;
  while (start > 0 && ' \t\r\n'.includes(text.charAt(start - 1))) start -= 1;
  return text.slice(start, offset);
}

/** The splices do not overlap; two insertions may have one place. */
function spliced(text: string, changes: readonly Splice[], eol: string): string {
  const sorted = changes.toSorted((left, right) => left.start - right.start || left.end - right.end);
  let at = 0;
  let result = '';
  for (const { start, end, text: inserted } of sorted) {
    result += text.slice(at, start) + (eol === '\n' ? inserted : inserted.replace(/\r?\n/g, eol));
    at = end;
  }
  return result + text.slice(at);
}
