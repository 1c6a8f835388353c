import { bytesText, numberText, secondsText } from '../../platform/units.ts';
import type { Manifest } from '../../records/manifest-schema.ts';
import { lineChart } from '../charts/line-chart.ts';
import { shareBar } from '../charts/share-bar.ts';
import { timeLine } from '../charts/time-line.ts';
import { cutText, type Markup, markup, NO_MARKUP } from '../markup.ts';
import type { RunRecord } from '../read-record.ts';
import { timesOfRun } from '../run-times.ts';
import { usageCharts } from '../usage-charts.ts';
import { chartGrid } from './results.ts';
import type { PageSection } from './shell.ts';
import { bulletList, codeText, noteText } from './tables.ts';
import { timeText } from './times.ts';

/** Time and resources of a run. Pure. */

export function timeSection({ view, manifest }: RunRecord): PageSection {
  const { spans, now } = timesOfRun(view);
  const { started_at, completed_at } = manifest.timestamps;
  const from = `From ${timeText(started_at)}${completed_at === undefined ? '' : ` to ${timeText(completed_at)}`}.`;
  return {
    id: 'time',
    name: 'Time',
    body: markup`${timeLine(spans)}${noteText(from)}${now === null ? NO_MARKUP : noteText(`${now.name} since ${timeText(now.since)}.`)}`,
  };
}

export function resourcesSection(record: RunRecord): PageSection {
  const { manifest, view, usage } = record;
  const charts = usageCharts(usage, manifest).map((chart) => lineChart(chart));
  const rows = usesOf(record).map(
    ({ name, words, share }) =>
      markup`<tr><th scope="row">${name}</th><td class="bar">${share === null ? NO_MARKUP : shareBar({ words: `${name}: ${words}`, share, full: share >= 1 })}</td><td>${words}</td></tr>
`,
  );
  const table = markup`<table class="list uses"><thead class="unseen"><tr><th scope="col">Resource</th><th scope="col">Share</th><th scope="col">Used</th></tr></thead><tbody>
${rows}</tbody></table>
`;
  const sampled =
    usage.length === 0
      ? noteText(view.closed === null ? 'Nothing was sampled yet.' : 'Nothing was sampled while it ran.')
      : NO_MARKUP;
  return {
    id: 'resources',
    name: 'Requested and used',
    body: markup`${table}${adviceOf(manifest)}${chartGrid(charts)}${sampled}`,
  };
}

interface ResourceUse {
  readonly name: string;
  readonly words: string;
  /** Null if there is nothing to compare with. */
  readonly share: number | null;
}

const MIB = 1024 * 1024;

function usesOf(record: RunRecord): readonly ResourceUse[] {
  const { time_seconds, memory_mb, cpus } = record.manifest.usage.requested;
  const { wall_seconds, max_rss_bytes, cpu_seconds, soFar } = usedBy(record);
  const memory = memory_mb === null ? null : memory_mb * MIB;
  const cpuTime = cpus === null || wall_seconds === null ? null : cpus * wall_seconds;
  const memoryUse = useOf(max_rss_bytes, memory, bytesText);
  const limitWords = (memoryUse.share ?? 0) > 1 && isUnlimited(record) ? '; the limit was not enforced' : '';
  const uses: readonly ResourceUse[] = [
    { name: 'Time', ...useOf(wall_seconds, time_seconds, secondsText) },
    { name: 'Memory', ...memoryUse, words: `${memoryUse.words}${limitWords}` },
    {
      name: 'CPU time',
      ...useOf(cpu_seconds, cpuTime, secondsText),
      ...(cpus === null || cpuTime === null || cpu_seconds === null
        ? {}
        : {
            words: `${secondsText(cpu_seconds)} of ${secondsText(cpuTime)} on ${numberText(cpus)} CPU${cpus === 1 ? '' : 's'}`,
          }),
    },
  ];
  return soFar ? uses.map((use) => ({ ...use, words: `${use.words}, so far` })) : uses;
}

type Used = Pick<Manifest['usage']['used'], 'wall_seconds' | 'max_rss_bytes' | 'cpu_seconds'>;

/** As recorded; of an open run, by its samples. */
function usedBy({ manifest, view, usage }: RunRecord): Used & { readonly soFar: boolean } {
  const { used } = manifest.usage;
  const last = usage.at(-1);
  if (view.closed !== null || used.source !== 'none' || last === undefined) return { ...used, soFar: false };
  const peak = usage.reduce((most, { memory_bytes }) => Math.max(most, memory_bytes ?? 0), 0);
  return {
    wall_seconds: last.t,
    max_rss_bytes: peak === 0 ? null : peak,
    cpu_seconds: usage.findLast(({ cpu_seconds }) => cpu_seconds !== null)?.cpu_seconds ?? null,
    soFar: true,
  };
}

/** A run on this host that no kernel held to the memory that it asked for. */
function isUnlimited({ manifest: { local }, view: { closed, opened } }: RunRecord): boolean {
  if (local === null || local.memory_limit_bytes !== undefined) return false;
  // What was enforced is known at the end.
  return closed !== null || opened.enforce_memory !== true;
}

function useOf(used: number | null, asked: number | null, text: (value: number) => string): Omit<ResourceUse, 'name'> {
  if (used === null) return { words: asked === null ? 'not known' : `not known, of ${text(asked)}`, share: null };
  if (asked === null || asked <= 0) return { words: `${text(used)}, no limit requested`, share: null };
  const percent = Math.round((used / asked) * 100);
  const share = percent === 0 && used > 0 ? 'under 1' : String(percent);
  return { words: `${text(used)} of ${text(asked)} (${share}\u00A0%)`, share: used / asked };
}

const MOST_ADVICE = 10;

function adviceOf({ recommendations }: Manifest): Markup {
  const items = recommendations.slice(0, MOST_ADVICE).map(({ file, pointer, current, suggested, why }) => {
    const change =
      suggested === null
        ? NO_MARKUP
        : markup`: ${current === null ? NO_MARKUP : markup`${codeText(current, 200)} → `}${codeText(suggested, 200)}`;
    return markup`${codeText(pointer.slice(1).replaceAll('/', '.'), 100)} in ${cutText(file, 200)}${change} <span class="soft">${cutText(why, 500)}</span>`;
  });
  return items.length === 0
    ? NO_MARKUP
    : markup`<h3>Advice</h3>
${bulletList(items)}`;
}
