import { type Markup, markup, NO_MARKUP } from '../markup.ts';

/** How much of something was used: a bar in a frame, as wide as there is room. Pure. */

export interface ShareBar {
  /** For those who do not see it: a sentence. */
  readonly words: string;
  /** 1 is all of it; more is drawn as all of it. */
  readonly share: number;
  /** It reached what was asked for. */
  readonly full: boolean;
}

export function shareBar({ words, share, full }: ShareBar): Markup {
  const part = percentText(Math.min(Math.max(share, 0), 1));
  return markup`<svg class="share${full ? ' full' : ''}" width="100%" height="14" role="img" aria-label="${words}"><rect class="frame" x="0" y="0" width="100%" height="14"/>${share > 0 ? markup`<rect class="part" x="0" y="0" width="${part}" height="14"/>` : NO_MARKUP}</svg>`;
}

/** `12.3%`, to a tenth. */
export function percentText(share: number): string {
  return `${Math.round(share * 1000) / 10}%`;
}
