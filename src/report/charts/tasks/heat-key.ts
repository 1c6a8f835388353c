import { numberText } from '../../../platform/units.ts';
import { type Markup, markup } from '../../markup.ts';
import { hatched } from './heat-map.ts';
import { type HeatScale, SHADES } from './heat-scale.ts';

/** The legend of shades, with numbers, and of marks. Pure. */

const BOX = 22;

export type HeatMark = 'best' | 'part' | 'failed' | 'missing';

/** `kind`: shades of cells, or of lines, which are strong where the paper is not. */
export function heatKey(scale: HeatScale, marks: readonly HeatMark[], kind: 'h' | 'q'): Markup {
  const width = SHADES * BOX;
  const isFalling = scale.shadeOf(scale.low) > scale.shadeOf(scale.high);
  const boxes = Array.from({ length: SHADES }, (_, at) => {
    const path = kind === 'h' ? `M${at * BOX} 0h${BOX}v12h-${BOX}z` : `M${at * BOX} 6h${BOX}`;
    return markup`<path class="${kind}${isFalling ? SHADES - 1 - at : at}" d="${path}"/>`;
  });
  const numbers = [scale.low, scale.middle, scale.high].map(
    (value, at) => markup`<text x="${30 + (at * width) / 2}" y="26">${numberText(value, 4)}</text>`,
  );
  const shades = `Shades from ${numberText(scale.low, 4)} over ${numberText(scale.middle, 4)} to ${numberText(scale.high, 4)}`;
  return markup`<div class="heat-key"><svg viewBox="0 0 ${width + 60} 30" width="${width + 60}" height="30" role="img" aria-label="${shades}"><g transform="translate(30)">${boxes}</g><g class="ticks" text-anchor="middle">${numbers}</g></svg>
<ul class="key"><li>${scaleWords(scale, kind)}</li>${marks.map((mark) => markKey(mark, kind))}</ul></div>`;
}

function scaleWords({ better, log }: HeatScale, kind: 'h' | 'q'): string {
  return `${kind === 'h' ? 'darker' : 'stronger'} is ${better === null ? 'higher' : 'better'}${log ? ', log scale' : ''}`;
}

const WORDS: Readonly<Record<HeatMark, string>> = {
  best: 'best',
  part: 'some of its tasks have no value',
  failed: 'failed',
  missing: 'no value',
};

function markKey(mark: HeatMark, kind: 'h' | 'q'): Markup {
  return markup`<li><svg class="swatch" width="20" height="14" aria-hidden="true">${kind === 'h' ? pictureOf(mark) : lineOf(mark)}</svg>${WORDS[mark]}</li>`;
}

function pictureOf(mark: HeatMark): Markup {
  if (mark === 'failed') return markup`<path class="hatch" d="${hatched(0, 0, 20, 14)}"/>`;
  if (mark === 'part') return markup`<path class="corner" d="M9 0h9v9z"/>`;
  return markup`<path class="${mark === 'best' ? 'best' : 'none'}" d="M1 1h18v12h-18z"/>`;
}

function lineOf(mark: HeatMark): Markup {
  return markup`<path class="${mark === 'best' ? 'line-best' : 'line-failed'}" d="M0 7h20"/>`;
}
