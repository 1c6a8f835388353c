import {
  type Alias,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Code } from '../errors/catalog.ts';
import { shown } from './excerpt.ts';
import { leafNode, type SourceNode } from './located.ts';

/** Converts YAML nodes to plain values with positions. The library's own look-ups are quadratic in hostile files. */

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
  /** Its size, with aliases expanded: 1 for each value, and 1 for every 100 characters of text. */
  readonly size: number;
}

/** The most that all aliases together may expand to: ten thousand values, or a megabyte of text. */
const MOST_ALIASED = 10_000;

function sizeOf(text: string): number {
  return Math.floor(text.length / 100);
}

/** Converts the contents of a composed document; `text` is its source. */
export function yamlValue(contents: Node, text: string): YamlValue {
  const converter = new Converter(text);
  const { value, node } = converter.convert(contents, null, [], 0);
  return { value, node, complaints: converter.complaints };
}

/** Offset of a value's key; null if it has none. */
type KeyStart = number | null;

class Converter {
  readonly complaints: YamlComplaint[] = [];
  /** A value is open while it is converted: an alias to it would contain itself. */
  private readonly anchors = new Map<string, Converted | 'open'>();
  private aliased = 0;
  private readonly text: string;
  constructor(text: string) {
    this.text = text;
  }

  convert(node: unknown, keyStart: KeyStart, path: readonly string[], fallback: number): Converted {
    if (isAlias(node)) return this.alias(node, keyStart, path);
    if (isMap(node)) return this.anchored(node, () => this.map(node, keyStart, path));
    if (isSeq(node)) return this.anchored(node, () => this.sequence(node, keyStart, path));
    if (isScalar(node)) return this.anchored(node, () => scalarOf(node, keyStart));
    // `? key` without a value composes to null.
    return { value: null, node: leafNode(fallback, fallback, keyStart), size: 1 };
  }

  private anchored(node: Scalar | YAMLMap | YAMLSeq, make: () => Converted): Converted {
    if (node.anchor === undefined) return make();
    this.anchors.set(node.anchor, 'open');
    const made = make();
    this.anchors.set(node.anchor, made);
    return made;
  }

  private alias(alias: Alias, keyStart: KeyStart, path: readonly string[]): Converted {
    const [start, end] = rangeOf(alias);
    const nothing = { value: null, node: leafNode(start, end, keyStart), size: 1 };
    const target = this.anchors.get(alias.source);
    if (target === undefined || target === 'open') {
      const why = target === 'open' ? 'stands for a value that contains it' : 'has no anchor before it';
      const message = `the alias ${shown(`*${alias.source}`)} ${why}; write the value out`;
      this.complaints.push({ offset: start, code: 'file.syntax', message, path });
      return nothing;
    }
    this.aliased += target.size;
    if (this.aliased > MOST_ALIASED) {
      // Once is enough: the rest of the file would only repeat it.
      if (!this.complaints.some(({ code }) => code === 'file.alias_bomb')) {
        const message = 'the aliases of this file expand too far; write the values out';
        this.complaints.push({ offset: start, code: 'file.alias_bomb', message, path });
      }
      return nothing;
    }
    return { value: target.value, node: { start, end, keyStart, children: target.node.children }, size: target.size };
  }

  private sequence(seq: YAMLSeq, keyStart: KeyStart, path: readonly string[]): Converted {
    const [start, end] = rangeOf(seq);
    const children = new Map<string, SourceNode>();
    const value: unknown[] = [];
    let size = 1;
    for (const item of seq.items) {
      const index = String(value.length);
      const made = this.convert(item, null, [...path, index], start);
      children.set(index, made.node);
      value.push(made.value);
      size += made.size;
    }
    return { value, node: { start, end, keyStart, children }, size };
  }

  private map(map: YAMLMap, keyStart: KeyStart, path: readonly string[]): Converted {
    const range = rangeOf(map);
    const children = new Map<string, SourceNode>();
    const entries: [string, unknown][] = [];
    let size = 1;
    for (const pair of map.items) {
      const key = this.keyOf(pair.key, range, path);
      if (key === null) continue;
      const inner = [...path, key.text];
      const complaint = complaintOfKey(key.text, children);
      if (complaint !== null) {
        this.complaints.push({ offset: key.start, ...complaint, path: inner });
        continue;
      }
      const made = this.convert(pair.value, key.start, inner, key.start);
      children.set(key.text, made.node);
      entries.push([key.text, made.value]);
      size += made.size + sizeOf(key.text);
    }
    return { value: Object.fromEntries(entries), node: { start: range[0], end: range[1], keyStart, children }, size };
  }

  private keyOf(
    key: unknown,
    around: readonly [number, number],
    path: readonly string[],
  ): { text: string; start: number } | null {
    const aliased = isAlias(key) ? this.aliasedKey(key) : null;
    if (isAlias(key) && aliased !== null) return { text: aliased, start: rangeOf(key)[0] };
    if (isScalar(key) && key.value !== null) {
      this.anchored(key, () => scalarOf(key, null));
      return { text: keyText(key), start: rangeOf(key)[0] };
    }
    const start = isNode(key) ? rangeOf(key)[0] : around[0];
    const isPlaceholder = this.text.slice(Math.max(0, start - 1), start + 1) === '{{';
    const advice = isPlaceholder
      ? 'put quotes around `{{…}}`: unquoted braces are a mapping'
      : 'write a plain word as the key';
    const message = `a key of a mapping must be text; ${advice}`;
    this.complaints.push({ offset: start, code: 'file.syntax', message, path });
    return null;
  }

  /** The text that an alias stands for as a key, if all aliases together stay small; otherwise null. */
  private aliasedKey({ source }: Alias): string | null {
    const target = this.anchors.get(source);
    if (target === undefined || target === 'open' || typeof target.value !== 'string') return null;
    this.aliased += target.size;
    return this.aliased <= MOST_ALIASED ? target.value : null;
  }
}

function scalarOf(scalar: Scalar, keyStart: KeyStart): Converted {
  const [start, end] = rangeOf(scalar);
  // An integer that a double cannot hold stays as written.
  const lossy =
    typeof scalar.value === 'number' && Number.isInteger(scalar.value) && !Number.isSafeInteger(scalar.value);
  const value = lossy ? (scalar.source ?? String(scalar.value)) : scalar.value;
  return { value, node: leafNode(start, end, keyStart), size: 1 + sizeOf(typeof value === 'string' ? value : '') };
}

function keyText({ value, source }: Scalar): string {
  return typeof value === 'string' ? value : (source ?? JSON.stringify(value));
}

function complaintOfKey(
  key: string,
  before: ReadonlyMap<string, unknown>,
): Pick<YamlComplaint, 'code' | 'message'> | null {
  if (key === '<<')
    return { code: 'file.syntax', message: '`<<` (a merge key) is not part of YAML 1.2; write the keys out' };
  if (!before.has(key)) return null;
  const message = `duplicate key ${shown(key)}; remove one of the two`;
  return { code: 'file.duplicate_key', message };
}

function rangeOf(node: Node): readonly [number, number] {
  return [node.range?.[0] ?? 0, node.range?.[1] ?? 0];
}
