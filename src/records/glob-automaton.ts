/** The automaton that a pattern becomes: what leads from state to state, and how a path is led through it. Pure. */

export type Edge =
  /** `inside`: not at the beginning of a segment (the dot of `*.json` does not stand for a hidden file's). */
  | { readonly kind: 'char'; readonly char: string; readonly inside: boolean }
  | { readonly kind: 'any' }
  | { readonly kind: 'set'; readonly negated: boolean; readonly ranges: readonly (readonly [string, string])[] }
  /** Any character, slashes too; but no dot at the beginning of a segment. */
  | { readonly kind: 'deep' };

/** A state of the automaton. */
export interface Node {
  edge: Edge | null;
  /** Where the edge leads. */
  to: number;
  /** Reached without reading anything. */
  readonly free: number[];
  /** May only be entered at the beginning of a segment. */
  atStart: boolean;
}

export class Automaton {
  private readonly nodes: Node[] = [];

  add(): number {
    return this.nodes.push({ edge: null, to: -1, free: [], atStart: false }) - 1;
  }

  connect(from: number, edge: Edge, to: number): void {
    const node = this.nodes[from];
    if (node === undefined) return;
    node.edge = edge;
    node.to = to;
  }

  /** `to` is reached from `from` without reading anything. */
  free(from: number, to: number): void {
    this.nodes[from]?.free.push(to);
  }

  onlyAtStart(index: number): void {
    const node = this.nodes[index];
    if (node !== undefined) node.atStart = true;
  }

  /** Runs all states at once. */
  matches(path: string, first: number, last: number): boolean {
    let current = new Set<number>();
    this.enter(first, true, current);
    let atStart = true;
    for (const char of path) {
      const next = new Set<number>();
      const nextAtStart = char === '/';
      for (const index of current) {
        const node = this.nodes[index];
        if (node !== undefined && node.edge !== null && accepts(node.edge, char, atStart))
          this.enter(node.to, nextAtStart, next);
      }
      if (next.size === 0) return false;
      current = next;
      atStart = nextAtStart;
    }
    return current.has(last);
  }

  private enter(from: number, atStart: boolean, into: Set<number>): void {
    const stack = [from];
    for (let index = stack.pop(); index !== undefined; index = stack.pop()) {
      const node = this.nodes[index];
      if (node === undefined || into.has(index) || (node.atStart && !atStart)) continue;
      into.add(index);
      stack.push(...node.free);
    }
  }
}

function accepts(edge: Edge, char: string, atStart: boolean): boolean {
  if (edge.kind === 'char') return edge.char === char && !(edge.inside && atStart);
  if (atStart && char === '.') return false;
  if (edge.kind === 'deep') return true;
  if (char === '/') return false;
  if (edge.kind === 'any') return true;
  return edge.ranges.some(([from, to]) => from <= char && char <= to) !== edge.negated;
}
