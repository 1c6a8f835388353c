/**
 * How the tasks of a run look: only pages that have them carry it. Shades rise in darkness without a turn, so that they are the
 * same in grey and to every eye; what has no number is told apart by lines. Pure.
 */

const SHADES = ['#ffffd9', '#edf8b1', '#c7e9b4', '#7fcdbb', '#41b6c4', '#1d91c0', '#225ea8', '#253494', '#081d58'];
/** Of lines: they lie on the paper, so they fade into it. */
const LINES = ['#c9d3dc', '#b4c4d2', '#97b2c8', '#789ebc', '#5a8ab0', '#3f76a4', '#286396', '#174f85', '#0b3a6e'];
const LINES_ON_DARK = [
  '#39434d',
  '#414f5d',
  '#4a5f73',
  '#53718b',
  '#5c84a4',
  '#6698bd',
  '#73add5',
  '#8cc2e8',
  '#b4dcf8',
];

function shades(letter: string, property: string, colours: readonly string[]): string {
  return colours.map((colour, at) => `.${letter}${at}{${property}:${colour}}`).join('');
}

export const TASK_THEME = `
figure.map{margin-top:1rem}
figure.map .wide svg,.heat-key>svg{display:block;max-width:100%;height:auto}
figure.map .wide{margin:.5rem 0 .4rem}
${shades('h', 'fill', SHADES)}
${shades('q', 'stroke', LINES)}
@media screen and (prefers-color-scheme:dark){${shades('q', 'stroke', LINES_ON_DARK)}}
[class^=q]{fill:none;stroke-width:1.1;stroke-linejoin:round}
.heat-key [class^=q]{stroke-width:8}
.line-best{fill:none;stroke:var(--c1);stroke-width:2.75;stroke-linejoin:round}
.line-failed{fill:none;stroke:var(--bad);stroke-width:1;stroke-dasharray:3 4}
.hatch{fill:var(--paper);stroke:var(--bad);stroke-width:1.1}
.none{fill:none;stroke:var(--rule);stroke-dasharray:3 3}
.corner{fill:#b0201c;stroke:#fff;stroke-width:1}
.best{fill:none;stroke:var(--c1);stroke-width:3}
.cells text{font-size:12px;font-variant-numeric:tabular-nums}
.cells .small{font-size:10px}
.on-light{fill:#15181c}.on-dark{fill:#fff}.is-best{font-weight:700}
.halo{paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round}
.named{font-weight:600;fill:var(--ink)}
.heat-key{display:flex;flex-wrap:wrap;align-items:center;gap:.2rem 1.25rem}
.facets{display:flex;flex-wrap:wrap;gap:1rem 1.5rem}.facet{font-size:.9rem;font-weight:600}
.task-dots{stroke:var(--c0);stroke-width:6;stroke-linecap:round;fill:none}
.whisker{stroke:var(--c0);stroke-width:1.2;fill:none}
.cross{stroke:var(--bad);stroke-width:2;fill:none}
.states{margin-top:.35rem}
.s-completed{fill:var(--t2)}.s-failed{fill:var(--bad)}.s-end_unknown{fill:var(--t1)}.s-cancelled{fill:var(--soft)}
.s-running{fill:var(--t3)}.s-not_started,.s-waiting{fill:var(--paper);stroke:var(--soft)}
.s-mark{fill:none;stroke:var(--paper);stroke-width:1.6}
@media screen and (max-width:46rem){figure.map .wide svg{max-width:none}}
@media print{figure.map .wide svg{max-width:100%}.facets>div{max-width:48%}}
`;
