import { secondsText } from '../../platform/units.ts';
import { type Markup, markup } from '../markup.ts';
import { percentText } from './share-bar.ts';

/** One bar of what happened one after another, and a table of the same. Pure. */

export interface TimeSpan {
  readonly name: string;
  /** The theme knows these. */
  readonly kind: 'prepare' | 'queue' | 'run' | 'return' | 'verify' | 'wait';
  readonly seconds: number;
}

/** What is shorter would not be seen. */
const LEAST = 0.004;

/** Null if no time passed. */
export function timeLine(spans: readonly TimeSpan[]): Markup | null {
  const lasting = spans.filter(({ seconds }) => seconds > 0);
  const total = lasting.reduce((sum, { seconds }) => sum + seconds, 0);
  if (total <= 0) return null;
  const widths = lasting.map(({ seconds }) => Math.max(seconds / total, LEAST));
  const all = widths.reduce((sum, width) => sum + width, 0);
  let at = 0;
  const boxes = lasting.map(({ kind }, index) => {
    const from = at;
    at += (widths[index] ?? 0) / all;
    return markup`<rect class="t-${kind}" x="${percentText2(from)}" y="0" width="${percentText2(at - from)}" height="26"/>`;
  });
  const words = lasting.map(({ name, seconds }) => `${name} ${secondsText(seconds)}`).join(', ');
  return markup`<svg class="times" width="100%" height="26" role="img" aria-label="Time line: ${words}">${boxes}</svg>
<table class="times-key"><thead class="unseen"><tr><th scope="col">Part</th><th scope="col">Time</th><th scope="col">Share</th></tr></thead><tbody>
${lasting.map((span) => keyRow(span, total))}</tbody></table>
`;
}

function keyRow({ name, kind, seconds }: TimeSpan, total: number): Markup {
  return markup`<tr><th scope="row"><svg class="swatch" width="14" height="14" aria-hidden="true"><rect class="t-${kind}" width="14" height="14"/></svg>${name}</th><td>${secondsText(seconds)}</td><td>${shareText(seconds / total)}</td></tr>
`;
}

function shareText(share: number): string {
  return share > 0 && share < 0.001 ? 'under 0.1 %' : percentText(share).replace('%', '\u00A0%');
}

/** To a hundredth: neighbours must touch. */
function percentText2(share: number): string {
  return `${Math.round(share * 10_000) / 100}%`;
}
