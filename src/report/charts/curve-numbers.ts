import { type Markup, markup, NO_MARKUP } from '../markup.ts';
import { type AxisUnit, valueText } from './axis.ts';
import type { Curve } from './curve.ts';

/** The numbers of a line chart as a table, for those who do not see the picture and for those who want a number. Pure. */

export interface NumbersWanted {
  readonly title: string;
  readonly x: { readonly name: string; readonly unit: AxisUnit };
  readonly y: { readonly unit: AxisUnit };
}

/** More places are thinned to a few. */
const MOST_ROWS = 40;
const THINNED_ROWS = 11;

export function numbersOfCurves({ title, x, y }: NumbersWanted, curves: readonly Curve[]): Markup {
  const { places, all } = placesOf(curves);
  if (places.length === 0) return NO_MARKUP;
  const rows = places.map(
    (place) =>
      markup`<tr><th scope="row">${valueText(place, x.unit)}</th>${curves.map((curve) => markup`<td>${valueAtPlace(curve, place, y.unit)}</td>`)}</tr>
`,
  );
  return markup`<details><summary>Numbers<span class="unseen"> of ${title}</span></summary><div class="wide" tabindex="0" role="region" aria-label="Numbers of ${title}"><table class="numbers">${places.length < all ? markup`<caption>${places.length} of ${all} points</caption>` : NO_MARKUP}<thead><tr><th scope="col">${x.name}</th>${curves.map(({ name }) => markup`<th scope="col">${name === '' ? '\u2013' : name}</th>`)}</tr></thead><tbody>
${rows}</tbody></table></div></details>`;
}

/** All of them; of many, some of the longest curve, evenly: the first and the last among them. */
function placesOf(curves: readonly Curve[]): { readonly places: readonly number[]; readonly all: number } {
  const each = curves.map(({ points }) => distinct(points.map(({ x }) => x)));
  const all = distinct(each.flat()).sort((one, other) => one - other);
  if (all.length <= MOST_ROWS) return { places: all, all: all.length };
  const longest = each.reduce((found, places) => (places.length > found.length ? places : found), []);
  const rows = Math.min(THINNED_ROWS, longest.length);
  const places = Array.from({ length: rows }, (_, row) => {
    const index = rows === 1 ? 0 : Math.round((row * (longest.length - 1)) / (rows - 1));
    return longest[index] ?? 0;
  });
  return { places, all: all.length };
}

function distinct(places: readonly number[]): number[] {
  return [...new Set(places)];
}

/** The last value at that place; `–` if there is none. */
function valueAtPlace({ points }: Curve, place: number, unit: AxisUnit): string {
  const value = points.findLast((point) => point.x === place)?.y ?? null;
  return value === null ? '\u2013' : valueText(value, unit);
}
