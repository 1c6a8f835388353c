/**
 * How pages look: the style sheet. One family of letters, of the same widths everywhere, and one for code, few colours. Curves differ in lightness and in
 * dashes, too, so that they differ in grey and to every eye. Pure.
 */

const LIGHT = `--paper:#fff;--ink:#15181c;--soft:#545c66;--rule:#ccd2d8;--fill:#f2f4f6;
--good:#0b6b41;--bad:#b0201c;--warn:#7d5200;--calm:#1b4f83;
--c0:#14406f;--c1:#c8500a;--c2:#0f8272;--c3:#7a2f8f;--c4:#8f6a00;--c5:#6b7480;
--t0:#c3cad2;--t1:#e3b25f;--t2:#1b5a93;--t3:#7fb0d8;--t4:#8fbfa5;--t5:#dfe3e7`;

const DARK = `--paper:#121518;--ink:#e7eaed;--soft:#a3adb7;--rule:#3a424a;--fill:#1c2126;
--good:#5fd19a;--bad:#ff8d85;--warn:#f0be5c;--calm:#8fc1f2;
--c0:#8cc2f7;--c1:#ff9550;--c2:#45c9b5;--c3:#d79be8;--c4:#e0bb4d;--c5:#98a2ad;
--t0:#59636d;--t1:#b98736;--t2:#6fb0ea;--t3:#3f6f99;--t4:#4d8a6b;--t5:#434c55`;

const LETTERS = `*,*::before,*::after{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 "Helvetica Neue",Helvetica,Arial,"Liberation Sans",system-ui,sans-serif;overflow-wrap:break-word}
.page{max-width:60rem;margin:0 auto;padding:1.75rem 1.25rem 3rem}
h1,h2,h3,p,dl,dd,figure,ul{margin:0;padding:0}
h2{font-size:1.25rem;line-height:1.3;margin:2.75rem 0 .75rem;padding-top:.5rem;border-top:2px solid var(--ink)}
h3{font-size:1rem;margin:1.5rem 0 .4rem}
p+p{margin-top:.5rem}
a{color:var(--calm);text-underline-offset:.15em}
code,pre,.digest{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.85em}
code{background:var(--fill);padding:.1em .3em;border-radius:3px;overflow-wrap:anywhere}
pre{background:var(--fill);margin:.4rem 0 0;padding:.75rem .9rem;overflow:auto;max-height:30rem;line-height:1.45;font-size:.8rem;white-space:pre;tab-size:8;border-radius:4px}
.keep{white-space:nowrap}
.soft{color:var(--soft)}
.digest{font-size:.72rem;overflow-wrap:anywhere;color:var(--soft)}
.note{color:var(--soft);font-size:.9rem;margin-top:.5rem}
.good{--tone:var(--good)}.bad{--tone:var(--bad)}.warn{--tone:var(--warn)}.calm{--tone:var(--calm)}
.tone{color:var(--tone)}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
:focus-visible{outline:2px solid var(--calm);outline-offset:2px}`;

const HEAD = `.verdict{border-left:.5rem solid var(--tone);padding:.1rem 0 .2rem 1.25rem}
.verdict h1{font-size:clamp(2.5rem,10vw,4.25rem);line-height:1.05;letter-spacing:-.02em;font-weight:700;color:var(--tone);margin:.1rem 0 .5rem}
.verdict h1 svg{width:.72em;height:.72em;margin-right:.22em;fill:none;stroke:currentColor;stroke-width:3.4;stroke-linecap:round;stroke-linejoin:round}
.verdict .message{font-size:1.15rem}
.names{color:var(--soft)}.names b{color:var(--ink)}
.next{margin-top:.75rem}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:1rem 1.5rem;margin:1.75rem 0 0}
.figures div{border-top:1px solid var(--rule);padding-top:.4rem}
.figures dt{color:var(--soft);font-size:.9rem}
.figures dd{font-size:1.6rem;line-height:1.25;font-weight:600;font-variant-numeric:tabular-nums}
.figures small{display:block;font-size:.85rem;font-weight:400;color:var(--soft)}
.contents{margin:1.75rem 0 0;font-size:.92rem}
.contents ul{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;list-style:none}`;

const TABLES = `.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.92rem;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:600;padding:.2rem 0}
th,td{text-align:left;vertical-align:top;padding:.32rem 1rem .32rem 0}
.path{overflow-wrap:anywhere}
th:last-child,td:last-child{padding-right:0}
th{font-weight:600}
table.list{border-top:1.5px solid var(--ink);border-bottom:1.5px solid var(--ink)}
table.list thead th{border-bottom:1px solid var(--ink);font-size:.86rem;vertical-align:bottom;overflow-wrap:normal}
table.list tbody tr+tr>*{border-top:1px solid var(--rule)}
table.list tbody th{font-weight:400}
table.list tbody th{min-width:6rem}tr.main>*,table.list tbody tr.main th{font-weight:700}tr.main .soft{font-weight:400}
table.facts+.wide,table.facts+table,p+ul.plain,ul.plain+.wide,.wide+.wide{margin-top:.9rem}
td.n,th.n{text-align:right;white-space:nowrap}
table.facts{table-layout:fixed}table.facts th{width:12rem;color:var(--soft);font-weight:400}
table.facts tr+tr>*{border-top:1px solid var(--rule)}
table.numbers{width:auto;font-size:.82rem}table.numbers th,table.numbers td{text-align:right;padding:.12rem 0 .12rem 1rem;white-space:nowrap}
table.numbers th:first-child{padding-left:0;text-align:left}table.numbers tbody th{font-weight:400;color:var(--soft)}
ul.plain{list-style:none}ul.plain li+li{margin-top:.3rem}
details>summary{cursor:pointer;color:var(--soft);font-size:.88rem}
details[open]>summary{margin-bottom:.3rem}`;

const CHARTS = `.charts{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:1.6rem 2rem;margin-top:1rem}
figure.chart{min-width:0}
figure.chart>svg{display:block;width:100%;height:auto;margin:.3rem 0 .1rem;overflow:visible}
figcaption{font-size:.95rem;line-height:1.4}
.grid{stroke:var(--rule);stroke-width:1;fill:none;vector-effect:non-scaling-stroke}
.axis{stroke:var(--soft);stroke-width:1;fill:none;vector-effect:non-scaling-stroke}
.ticks,.limit-name{font-size:11.5px;fill:var(--soft);font-variant-numeric:tabular-nums}
.limit-name{fill:var(--bad);paint-order:stroke;stroke:var(--paper);stroke-width:3px}
.limit{stroke:var(--bad);stroke-width:1.5;stroke-dasharray:7 3;fill:none;vector-effect:non-scaling-stroke}
.curve{fill:none;stroke-width:1.75;stroke-linejoin:round;stroke-linecap:round;vector-effect:non-scaling-stroke}
.dots{stroke-width:4.5;stroke-dasharray:none}
.k0{stroke:var(--c0)}.k1{stroke:var(--c1);stroke-dasharray:7 4}.k2{stroke:var(--c2);stroke-dasharray:1 4;stroke-width:2.25}
.k3{stroke:var(--c3);stroke-dasharray:10 4 2 4}.k4{stroke:var(--c4);stroke-dasharray:3 3}.k5{stroke:var(--c5);stroke-dasharray:14 5}
.curve.fine{stroke-width:1.1}
.key{display:flex;flex-wrap:wrap;gap:0 1rem;list-style:none;font-size:.86rem}
.swatch{display:inline-block;vertical-align:middle;margin-right:.45rem}
.share,.times{display:block}.frame{fill:var(--fill);stroke:var(--rule)}.part{fill:var(--c0)}.full .part{fill:var(--bad)}
.times{margin:.6rem 0 .5rem}
.t-prepare{fill:var(--t0)}.t-queue{fill:var(--t1)}.t-run{fill:var(--t2)}.t-return{fill:var(--t3)}.t-verify{fill:var(--t4)}.t-wait{fill:var(--t5)}
table.times-key{width:auto}table.times-key th{font-weight:400}table.times-key td{text-align:right}table.times-key tbody>tr>*{padding-top:.1rem;padding-bottom:.1rem}
table.uses td.bar{width:45%;vertical-align:middle}
.pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,18rem),1fr));gap:1.25rem;margin-top:1rem}
.pictures img{display:block;max-width:100%;height:auto;background:#fff;border:1px solid var(--rule)}`;

const NARROW = `@media screen and (max-width:46rem){.charts{grid-template-columns:minmax(0,1fr)}.page{padding:1.25rem 1rem 2.5rem}.verdict{padding-left:.9rem}
th,td{padding-right:.6rem}td.n,th.n{white-space:normal}table.facts th{width:8.5rem}table.uses,table.uses tbody,table.uses tr,table.uses th,table.uses td{display:block;width:auto}table.uses thead{display:none}table.uses td.bar{width:100%}table.uses tr{padding:.3rem 0}table.uses th,table.uses td{border:0!important;padding:.1rem 0}}`;

const PAPER = `@page{size:A4;margin:15mm}
@media print{body{font-size:10pt}.page{max-width:none;padding:0}.contents,details{display:none}
h2{margin-top:1.6rem;break-after:avoid}h3,caption,figcaption{break-after:avoid}
tr,figure,.verdict,.figures,.times-key{break-inside:avoid}thead{display:table-header-group}
.wide,pre{overflow:visible;max-height:none}pre{white-space:pre-wrap;overflow-wrap:anywhere}
th,td,table.list thead th{overflow-wrap:anywhere}th.n{white-space:normal}table.list{font-size:8.5pt}table.list th,table.list td{padding-right:.6rem}
.verdict h1{font-size:34pt}a{color:inherit;text-decoration:none}
body{-webkit-print-color-adjust:exact;print-color-adjust:exact}}`;

export const THEME = `:root{color-scheme:light dark;${LIGHT}}
@media screen and (prefers-color-scheme:dark){:root{${DARK}}}
${[LETTERS, HEAD, TABLES, CHARTS, NARROW, PAPER].join('\n')}
`;
