import { numberText } from '../../../platform/units.ts';
import { type Markup, markup, NO_MARKUP } from '../../markup.ts';
import type { HeatScale } from './heat-scale.ts';
import { axisLabel, labelEvery, labelWidth, type OrderedValues, tenth } from './ordered-values.ts';

/** A grid of two parameters: a shade for each combination, its number where there is room. Pure. */

export type HeatCell =
  /** `part`: some tasks of it have no value. */
  | {
      readonly kind: 'value';
      readonly value: number;
      readonly beside: string;
      readonly part: boolean;
      readonly best: boolean;
    }
  /** `failed`: it was tried. */
  | { readonly kind: 'failed' | 'missing' };

export interface HeatMap {
  /** Unique on the page: a word. */
  readonly id: string;
  readonly title: string;
  readonly rows: OrderedValues;
  readonly columns: OrderedValues;
  /** By row and column; null where there is no such task. */
  readonly cells: readonly (readonly (HeatCell | null)[])[];
  readonly scale: HeatScale;
}

const WIDTH = 720;
const MOST_CELL = 84;
const [TOP, RIGHT, BOTTOM] = [22, 4, 38];
const HIGH_ROW = 40;
const LEAST_LETTERED = 15;

interface Places {
  readonly left: number;
  readonly cell: number;
  readonly row: number;
  readonly width: number;
  readonly height: number;
}

export function heatMap(map: HeatMap): Markup {
  const places = placesOf(map);
  const { width, height } = places;
  return markup`<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="${map.id}-t ${map.id}-d"><title id="${map.id}-t">${map.title}</title><desc id="${map.id}-d">${descriptionOf(map)}</desc>
${shadesOf(map, places)}${marksOf(map, places)}${numbersOf(map, places)}${namesOf(map, places)}
</svg>`;
}

function placesOf({ rows, columns, cells }: HeatMap): Places {
  const left = Math.ceil(labelWidth(rows.values.map((value) => axisLabel(value)))) + 12;
  const cell = tenth(Math.min(MOST_CELL, (WIDTH - left - RIGHT) / columns.values.length));
  const beside = cells.some((row) => row.some((one) => one?.kind === 'value' && one.beside !== ''));
  const most = beside ? HIGH_ROW : 28;
  const row = tenth(Math.min(most, Math.max(4, 560 / rows.values.length)));
  const across = columns.values.length * cell;
  const named = labelWidth([rows.name]) + labelWidth([columns.name]) + 16;
  const width = Math.ceil(Math.max(left + across + RIGHT, named));
  return { left, cell, row, width, height: Math.ceil(TOP + rows.values.length * row + BOTTOM) };
}

function eachCell(
  { cells }: HeatMap,
  { left, cell, row }: Places,
  draw: (one: HeatCell, x: number, y: number) => void,
): void {
  cells.forEach((line, at) => {
    line.forEach((one, column) => {
      if (one !== null) draw(one, tenth(left + column * cell), tenth(TOP + at * row));
    });
  });
}

/** One path for each shade: thousands of cells take little room. */
function shadesOf(map: HeatMap, places: Places): readonly Markup[] {
  const paths = new Map<number, string>();
  const { cell, row } = places;
  eachCell(map, places, (one, x, y) => {
    if (one.kind !== 'value') return;
    const shade = map.scale.shadeOf(one.value);
    paths.set(shade, `${paths.get(shade) ?? ''}M${x} ${y}h${cell}v${row}h${-cell}z`);
  });
  return inOrderOfShades(paths).map(([shade, path]) => markup`<path class="h${shade}" d="${path}"/>`);
}

/** The faintest first. */
export function inOrderOfShades(paths: ReadonlyMap<number, string>): readonly (readonly [number, string])[] {
  return [...paths].sort(([a], [b]) => a - b);
}

/** What is not a number is told apart by lines, in grey, too. */
function marksOf(map: HeatMap, places: Places): Markup {
  const { cell, row } = places;
  const paths = { failed: '', missing: '', part: '', best: '' };
  eachCell(map, places, (one, x, y) => {
    const frame = `M${tenth(x + 1)} ${tenth(y + 1)}h${tenth(cell - 2)}v${tenth(row - 2)}h${tenth(2 - cell)}z`;
    if (one.kind !== 'value') paths[one.kind] += one.kind === 'failed' ? hatched(x, y, cell, row) : frame;
    else {
      if (one.part) paths.part += `M${tenth(x + cell - 9)} ${y}h9v9z`;
      if (one.best) paths.best += frame;
    }
  });
  return markup`${pathOf('hatch', paths.failed)}${pathOf('none', paths.missing)}${pathOf('corner', paths.part)}${pathOf('best', paths.best)}`;
}

function pathOf(kind: string, path: string): Markup {
  return path === '' ? NO_MARKUP : markup`<path class="${kind}" d="${path}"/>`;
}

/** A frame with lines from the lower left to the upper right. */
export function hatched(x: number, y: number, width: number, height: number): string {
  const frame = `M${tenth(x + 0.5)} ${tenth(y + 0.5)}h${tenth(width - 1)}v${tenth(height - 1)}h${tenth(1 - width)}z`;
  const every = Math.min(8, width, height);
  let lines = '';
  for (let at = every; at < width + height; at += every) {
    const [fromX, fromY] = at <= height ? [x, y + at] : [x + at - height, y + height];
    const [toX, toY] = at <= width ? [x + at, y] : [x + width, y + at - width];
    lines += `M${tenth(fromX)} ${tenth(fromY)}L${tenth(toX)} ${tenth(toY)}`;
  }
  return frame + lines;
}

function numbersOf(map: HeatMap, places: Places): Markup {
  const { cell, row } = places;
  if (row < LEAST_LETTERED) return NO_MARKUP;
  const texts: Markup[] = [];
  eachCell(map, places, (one, x, y) => {
    if (one.kind !== 'value') return;
    const text = numberText(one.value, 3);
    if (labelWidth([text]) > cell - 4) return;
    const isTwo = one.beside !== '' && row > 32 && labelWidth([one.beside]) * 0.85 <= cell - 4;
    const shade = map.scale.shadeOf(one.value) >= DARK_FROM ? 'on-dark' : 'on-light';
    const middle = tenth(x + cell / 2);
    texts.push(
      markup`<text class="${shade}${one.best ? ' is-best' : ''}" x="${middle}" y="${tenth(y + row / 2 + (isTwo ? -1 : 4))}">${text}</text>`,
    );
    if (isTwo)
      texts.push(
        markup`<text class="${shade} small" x="${middle}" y="${tenth(y + row / 2 + 12)}">${one.beside}</text>`,
      );
  });
  return markup`<g class="cells" text-anchor="middle">${texts}</g>`;
}

/** From this shade on, letters are light. */
const DARK_FROM = 6;

function namesOf({ rows, columns }: HeatMap, { left, cell, row, height }: Places): Markup {
  const bottom = tenth(TOP + rows.values.length * row);
  const across = columns.values.map((value) => axisLabel(value, Math.max(4, Math.floor(cell / 6.6))));
  const everyColumn = labelEvery(across, cell);
  const everyRow = Math.max(1, Math.ceil(13 / row));
  return markup`<g class="ticks" text-anchor="end">${rows.values.map((value, at) => (at % everyRow === 0 ? markup`<text x="${left - 6}" y="${tenth(TOP + (at + 0.5) * row + 4)}">${axisLabel(value)}</text>` : NO_MARKUP))}</g>
<g class="ticks" text-anchor="middle">${across.map((label, at) => (at % everyColumn === 0 ? markup`<text x="${tenth(left + (at + 0.5) * cell)}" y="${bottom + 15}">${label}</text>` : NO_MARKUP))}</g>
<text class="ticks named" x="0" y="13">${axisLabel(rows.name, 40)}</text><text class="ticks named" text-anchor="end" x="${tenth(left + columns.values.length * cell)}" y="${height - 5}">${axisLabel(columns.name, 40)}</text>`;
}

function descriptionOf({ rows, columns, cells, scale }: HeatMap): string {
  const all = cells.flat();
  const values = all.filter((one) => one?.kind === 'value');
  const failed = all.filter((one) => one?.kind === 'failed').length;
  const best = values.find((one) => one.best);
  const words = [
    `${values.length} combinations of ${rows.name} and ${columns.name}`,
    `from ${numberText(scale.low)} to ${numberText(scale.high)}`,
    ...(best === undefined ? [] : [`best ${numberText(best.value)}`]),
    ...(failed === 0 ? [] : [`${failed} failed`]),
  ];
  return `${words.join(', ')}. The table of settings has the numbers.`;
}
