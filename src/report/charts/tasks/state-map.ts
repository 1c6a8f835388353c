import { type Markup, markup, NO_MARKUP } from '../../markup.ts';
import { tenth } from './ordered-values.ts';

/** Tasks by their state: a share bar, and a small square for each task. Pure. */

export const SEEN_STATES = [
  'completed',
  'failed',
  'end_unknown',
  'cancelled',
  'not_started',
  'running',
  'waiting',
] as const;
export type SeenState = (typeof SEEN_STATES)[number];

/** `not_started` → `not started`. */
export function stateWords(state: string): string {
  return state.replaceAll('_', ' ');
}

const BAR = 22;

/** Null if there are none. `counts`: by state. */
export function stateBar(counts: ReadonlyMap<SeenState, number>): Markup | null {
  const shown = SEEN_STATES.filter((state) => (counts.get(state) ?? 0) > 0);
  const total = shown.reduce((sum, state) => sum + (counts.get(state) ?? 0), 0);
  if (total === 0) return null;
  let at = 0;
  const boxes = shown.map((state) => {
    const from = at;
    at += (counts.get(state) ?? 0) / total;
    return markup`<rect class="s-${state}" x="${percent(from)}" y="1" width="${percent(at - from)}" height="${BAR - 2}"/>`;
  });
  const words = shown.map((state) => `${counts.get(state) ?? 0} ${stateWords(state)}`).join(', ');
  const key = shown.map(
    (state) =>
      markup`<li><svg class="swatch" width="14" height="14" aria-hidden="true">${squareOf(state, 0, 0, 14)}</svg>${counts.get(state) ?? 0} ${stateWords(state)}</li>`,
  );
  return markup`<svg class="times" width="100%" height="${BAR}" role="img" aria-label="Tasks by state: ${words}">${boxes}</svg>
<ul class="key states">${key}</ul>
`;
}

/** To a hundredth: neighbours must touch. */
function percent(share: number): string {
  return `${Math.round(share * 10_000) / 100}%`;
}

function squareOf(state: SeenState, x: number, y: number, size: number): Markup {
  return markup`<path class="s-${state}" d="${boxPath(x, y, size)}"/>${MARKED.includes(state) ? markup`<path class="s-mark" d="${markPath(state, x, y, size)}"/>` : NO_MARKUP}`;
}

/** They are told apart in grey, too. */
const MARKED: readonly SeenState[] = ['failed', 'end_unknown', 'cancelled'];

function boxPath(x: number, y: number, size: number): string {
  return `M${tenth(x + 0.5)} ${tenth(y + 0.5)}h${tenth(size - 1)}v${tenth(size - 1)}h${tenth(1 - size)}z`;
}

function markPath(state: SeenState, x: number, y: number, size: number): string {
  const [near, far] = [tenth(size * 0.25), tenth(size * 0.75)];
  const [left, right, top, bottom] = [tenth(x + near), tenth(x + far), tenth(y + near), tenth(y + far)];
  if (state === 'cancelled') return `M${left} ${tenth(y + size / 2)}H${right}`;
  const rising = `M${left} ${bottom}L${right} ${top}`;
  return state === 'failed' ? `${rising}M${left} ${top}L${right} ${bottom}` : rising;
}

const WIDTH = 720;

/** By index, in rows from left to right. */
export function stateMap(id: string, states: readonly SeenState[]): Markup {
  const columns = Math.min(states.length, states.length <= 400 ? 40 : 100);
  const size = tenth(Math.min(18, WIDTH / columns));
  const rows = Math.ceil(states.length / columns);
  const [width, height] = [Math.ceil(columns * size), Math.ceil(rows * size)];
  const boxes = new Map<SeenState, string>();
  let marks = '';
  states.forEach((state, index) => {
    const [x, y] = [(index % columns) * size, Math.floor(index / columns) * size];
    boxes.set(state, (boxes.get(state) ?? '') + boxPath(x, y, size));
    if (MARKED.includes(state)) marks += markPath(state, x, y, size);
  });
  const paths = [...boxes].map(([state, path]) => markup`<path class="s-${state}" d="${path}"/>`);
  return markup`<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="${id}-t"><title id="${id}-t">The state of each task, by its index, ${columns} in a row</title>${paths}${marks === '' ? NO_MARKUP : markup`<path class="s-mark" d="${marks}"/>`}</svg>`;
}
