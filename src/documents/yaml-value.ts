import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import type { Code } from '../errors/catalog.ts';
import { shown } from './excerpt.ts';
import { leafNode, type SourceNode } from './located.ts';

/** YAML nodes → plain values with places. Done here and not by the library, whose look-ups are quadratic in hostile files. */

export interface YamlComplaint {
  readonly offset: number;
  readonly code: Code;
  readonly message: string;
  readonly path: readonly string[];
}

export interface YamlValue {
  readonly value: unknown;
  readonly node: SourceNode;
  readonly complaints: readonly YamlComplaint[];
}

interface Converted {
  readonly value: unknown;
  readonly node: SourceNode;
  /** How much it is, aliases written out: 1 for each value, and 1 for every 100 characters of text. */
  readonly size: number;
}

/** What aliases may stand for, all together: ten thousand values, or a megabyte of text. */
const MOST_ALIASED = 10_000;

function sizeOf(text: string): number {
  return Math.floor(text.length / 100);
}

/** Converts the contents of a composed document; `text` is what it was composed from. */
export function yamlValue(contents: Node, text: string): YamlValue {
  const complaints: YamlComplaint[] = [];
  const anchors = new Map<string, Converted | 'open'>();
  let aliased = 0;

  const convert = (node: unknown, keyStart: number | null, path: readonly string[], fallback: number): Converted => {
    if (isAlias(node)) return convertAlias(node, keyStart, path);
    if (isMap(node)) return anchored(node, () => convertMap(node, keyStart, path));
    if (isSeq(node)) return anchored(node, () => convertSeq(node, keyStart, path));
    if (isScalar(node)) return anchored(node, () => convertScalar(node, keyStart));
    // `? key` without a value composes to null.
    return { value: null, node: leafNode(fallback, fallback, keyStart), size: 1 };
  };
  const anchored = (node: Scalar | YAMLMap | YAMLSeq, make: () => Converted): Converted => {
    if (node.anchor === undefined) return make();
    anchors.set(node.anchor, 'open');
    const made = make();
    anchors.set(node.anchor, made);
    return made;
  };
  const convertAlias = (alias: Alias, keyStart: number | null, path: readonly string[]): Converted => {
    const [start, end] = rangeOf(alias);
    const nothing = { value: null, node: leafNode(start, end, keyStart), size: 1 };
    const target = anchors.get(alias.source);
    if (target === undefined || target === 'open') {
      const why = target === 'open' ? 'stands for a value that contains it' : 'has no anchor before it';
      complaints.push({
        offset: start,
        code: 'file.syntax',
        message: `the alias ${shown(`*${alias.source}`)} ${why}; write the value out`,
        path,
      });
      return nothing;
    }
    aliased += target.size;
    if (aliased > MOST_ALIASED) {
      // Once is enough: the rest of the file would only say it again.
      if (!complaints.some(({ code }) => code === 'file.alias_bomb')) {
        const message = 'the aliases of this file stand for far too much; write the values out';
        complaints.push({ offset: start, code: 'file.alias_bomb', message, path });
      }
      return nothing;
    }
    return { value: target.value, node: { start, end, keyStart, children: target.node.children }, size: target.size };
  };
  const convertScalar = (scalar: Scalar, keyStart: number | null): Converted => {
    const [start, end] = rangeOf(scalar);
    // An integer that a double cannot hold stays the text that was written.
    const lossy =
      typeof scalar.value === 'number' && Number.isInteger(scalar.value) && !Number.isSafeInteger(scalar.value);
    const value = lossy ? (scalar.source ?? String(scalar.value)) : scalar.value;
    return { value, node: leafNode(start, end, keyStart), size: 1 + sizeOf(typeof value === 'string' ? value : '') };
  };
  const convertSeq = (seq: YAMLSeq, keyStart: number | null, path: readonly string[]): Converted => {
    const [start, end] = rangeOf(seq);
    const children = new Map<string, SourceNode>();
    const value: unknown[] = [];
    let size = 1;
    for (const item of seq.items) {
      const index = String(value.length);
      const made = convert(item, null, [...path, index], start);
      children.set(index, made.node);
      value.push(made.value);
      size += made.size;
    }
    return { value, node: { start, end, keyStart, children }, size };
  };
  const keyOf = (
    key: unknown,
    around: readonly [number, number],
    path: readonly string[],
  ): { text: string; start: number } | null => {
    const target = isAlias(key) ? anchors.get(key.source) : undefined;
    if (isAlias(key) && target !== undefined && target !== 'open' && typeof target.value === 'string') {
      aliased += target.size;
      if (aliased <= MOST_ALIASED) return { text: target.value, start: rangeOf(key)[0] };
    }
    if (isScalar(key) && key.value !== null) {
      anchored(key, () => convertScalar(key, null));
      return {
        text: typeof key.value === 'string' ? key.value : (key.source ?? JSON.stringify(key.value)),
        start: rangeOf(key)[0],
      };
    }
    const start = isScalar(key) || isMap(key) || isSeq(key) || isAlias(key) ? rangeOf(key)[0] : around[0];
    const isPlaceholder = text.slice(Math.max(0, start - 1), start + 1) === '{{';
    const advice = isPlaceholder
      ? 'put quotes around `{{…}}`: unquoted braces are a mapping'
      : 'write a plain word as the key';
    complaints.push({
      offset: start,
      code: 'file.syntax',
      message: `a key of a mapping must be text; ${advice}`,
      path,
    });
    return null;
  };
  const convertMap = (map: YAMLMap, keyStart: number | null, path: readonly string[]): Converted => {
    const range = rangeOf(map);
    const children = new Map<string, SourceNode>();
    const entries: [string, unknown][] = [];
    let size = 1;
    for (const pair of map.items) {
      const key = keyOf(pair.key, range, path);
      if (key === null) continue;
      const inner = [...path, key.text];
      if (key.text === '<<') {
        complaints.push({
          offset: key.start,
          code: 'file.syntax',
          message: '`<<` (a merge key) is not part of YAML 1.2; write the keys out',
          path: inner,
        });
        continue;
      }
      if (children.has(key.text)) {
        complaints.push({
          offset: key.start,
          code: 'file.duplicate_key',
          message: `the key ${shown(key.text)} stands twice in the same mapping; leave one of them`,
          path: inner,
        });
        continue;
      }
      const made = convert(pair.value, key.start, inner, key.start);
      children.set(key.text, made.node);
      entries.push([key.text, made.value]);
      size += made.size + sizeOf(key.text);
    }
    return { value: Object.fromEntries(entries), node: { start: range[0], end: range[1], keyStart, children }, size };
  };

  const { value, node } = convert(contents, null, [], 0);
  return { value, node, complaints };
}

function rangeOf(node: Node): readonly [number, number] {
  return [node.range?.[0] ?? 0, node.range?.[1] ?? 0];
}
