import type { Recommendation, ShownRun, ShowResult } from '../../index.ts';
import { bytesText, numberText, secondsText } from '../../platform/units.ts';
import { cutTo } from './cut-to.ts';
import type { Paint } from './output.ts';
import { visible } from './visible.ts';

/** A run on one screen: at most 80 × 24 if the screen has no more. Pure. */

type Line = readonly [name: string, text: string];

const MOST_METRICS = 4;
const MOST_NAMES = 6;
const NAME_WIDTH = 11;

/** `width`: of the terminal. What is to be typed is never cut. */
export function runScreen(result: ShowResult, run: ShownRun, width: number, paint: Paint): string {
  const lines: Line[] = [
    ...(run.last_line === null ? [] : [['last line', run.last_line] satisfies Line]),
    ['command', run.command],
    ['commit', commitText(run)],
    ['where', whereText(result, run)],
    ['started', timesText(run)],
    ...timeLines(run),
    ...memoryLines(run),
    ...cpuLines(run),
    ...taskLines(run),
    ...metricLines(run),
    ...artifactLines(run),
    ...verifierLines(run),
    ...run.warnings.slice(0, 1).map((warning): Line => ['warning', warning]),
    ...result.recommendations.slice(0, 2).map((one): Line => ['advice', adviceText(one)]),
  ];
  const shown = lines.map(([name, text]) => labelled(name, cutTo(visible(text), width - NAME_WIDTH - 2), paint));
  const whole = [
    ...(run.report === null ? [] : [labelled('report', visible(run.report), paint)]),
    ...(run.next_command === null ? [] : [labelled('next', paint('bold', visible(run.next_command)), paint)]),
  ];
  return `${[...headLines(result, run, width, paint), '', ...shown, ...whole].join('\n')}\n`;
}

function labelled(name: string, text: string, paint: Paint): string {
  return `  ${paint('dim', name.padEnd(NAME_WIDTH))}${text}`;
}

/** The verdict first: what is read from afar. */
function headLines(result: ShowResult, run: ShownRun, width: number, paint: Paint): readonly string[] {
  const { verdict } = run;
  const word = result.status ?? 'open';
  const [mark, style] =
    verdict === null
      ? (['…', 'cyan'] as const)
      : verdict.outcome === 'completed'
        ? (['✔', 'green'] as const)
        : (['✖', 'red'] as const);
  const name = `${result.experiment_id ?? ''} ${result.run_id ?? ''}`.trim();
  const head = `${paint([style, 'bold'], `${mark} ${word}`)}  ${visible(name)}${verdict === null ? '' : `  ${paint('dim', `[${verdict.code}]`)}`}`;
  if (verdict === null) return [head];
  const hint = verdict.outcome === 'completed' || verdict.hint === '' ? [] : [verdict.hint];
  return [head, ...[verdict.message, ...hint].map((text) => `  ${cutTo(visible(text), width - 2)}`)];
}

function commitText({ commit }: ShownRun): string {
  if (commit === null) return 'none: the project is in no repository';
  const branch = commit.branch === null ? 'no branch' : commit.branch;
  return `${commit.sha?.slice(0, 12) ?? 'none yet'} on ${branch}${commit.dirty === true ? ', with uncommitted changes' : ''}`;
}

function whereText({ job_id: job }: ShowResult, { mode, host }: ShownRun): string {
  return `${mode}${job === null ? '' : `, job ${job}`}${host === null ? '' : `, on ${host}`}`;
}

/** UTC, as every record has it. */
function timesText({ started_at, completed_at }: ShownRun): string {
  const minute = (at: string): string => at.slice(0, 19).replace('T', ' ');
  const end =
    completed_at === null
      ? ''
      : `, closed ${minute(completed_at).slice(completed_at.startsWith(started_at.slice(0, 10)) ? 11 : 0)}`;
  return `${minute(started_at)}${end} UTC`;
}

function timeLines({ queued_seconds: queued, running_seconds: running, requested }: ShownRun): readonly Line[] {
  const limit = requested.time_seconds;
  const parts = [
    ...(queued === null ? [] : [`queued ${secondsText(queued)}`]),
    ...(running === null
      ? []
      : [
          `ran ${secondsText(running)}${limit === null ? ', without a limit' : ` of ${shareText(running, limit, secondsText)}`}`,
        ]),
  ];
  return parts.length === 0 ? [] : [['time', parts.join(', ')]];
}

function shareText(used: number, asked: number, text: (value: number) => string): string {
  return `${text(asked)} (${Math.round((100 * used) / asked)} %)`;
}

function memoryLines({ used, requested, memory_limited: limited }: ShownRun): readonly Line[] {
  const asked = requested.memory_mb === null ? null : requested.memory_mb * 1024 * 1024;
  const { max_rss_bytes: peak } = used;
  if (peak === null) return asked === null ? [] : [['memory', `${bytesText(asked)} asked for; not measured`]];
  const over = asked !== null && peak > asked && !limited ? ', which nothing enforced here' : '';
  return [
    [
      'memory',
      asked === null
        ? `${bytesText(peak)} at most`
        : `${bytesText(peak)} at most of ${shareText(peak, asked, bytesText)}${over}`,
    ],
  ];
}

function cpuLines({ used, requested, running_seconds: running }: ShownRun): readonly Line[] {
  if (used.cpu_seconds === null || running === null || running === 0) return [];
  const busy = numberText(used.cpu_seconds / running, 2);
  return [
    [
      'cpu',
      `${busy} busy${requested.cpus === null ? '' : ` of ${requested.cpus}`}, ${secondsText(used.cpu_seconds)} in all`,
    ],
  ];
}

function taskLines({ tasks }: ShownRun): readonly Line[] {
  if (tasks === null) return [];
  const states = Object.entries(tasks.by_state).map(([state, count]) => `${count} ${state.replaceAll('_', ' ')}`);
  const [first] = tasks.statistics;
  const lines: Line[] = [['tasks', `${tasks.count}${states.length === 0 ? '' : `: ${states.join(', ')}`}`]];
  if (first !== undefined) lines.push(['', statisticsText(first)]);
  if (first?.best !== undefined && first.best !== null) lines.push(['', bestText(first.best)]);
  if (tasks.values !== null) lines.push(['', `metrics: ${tasks.values}`]);
  return lines;
}

function statisticsText({ name, n, mean, standard_deviation: deviation, min, max }: Statistics): string {
  const spread = deviation === null ? '' : ` ± ${numberText(deviation, 2)}`;
  const middle = mean === null ? '' : `mean ${numberText(mean)}${spread}, `;
  return `${name} of ${n}: ${middle}${numberText(min)} to ${numberText(max)}`;
}

function bestText({ index, params }: NonNullable<Statistics['best']>): string {
  const words = Object.entries(params).map(([key, value]) => `${key}=${value}`);
  return `best task ${index}: ${words.join(' ')}`;
}

type Statistics = NonNullable<ShownRun['tasks']>['statistics'][number];

function metricLines({ metrics }: ShownRun): readonly Line[] {
  const shown = metrics.slice(0, MOST_METRICS);
  const width = Math.min(24, Math.max(0, ...shown.map(({ name }) => visible(name).length)));
  const left = metrics.length - shown.length;
  return shown.map((metric, index): Line => [
    index === 0 ? 'metrics' : '',
    `${cutTo(visible(metric.name), 24).padEnd(width)}  ${numberText(metric.value)}${comparedText(metric)}${index === shown.length - 1 && left > 0 ? `, and ${left} more` : ''}`,
  ]);
}

/** With the baseline that it is the least ahead of. */
function comparedText({ baselines }: ShownRun['metrics'][number]): string {
  const known = baselines.filter((one): one is typeof one & { delta: number } => one.delta !== null);
  const strongest = known.toSorted((a, b) => a.delta - b.delta)[0];
  if (strongest === undefined) {
    const other = baselines[0];
    return other === undefined ? '' : `  (${other.name}: ${numberText(other.value)})`;
  }
  const { name, value, delta } = strongest;
  const than = `${name} (${numberText(value)})`;
  if (delta === 0) return `  equal to ${than}`;
  return `  ${numberText(Math.abs(delta), 3)} ${delta > 0 ? 'better' : 'worse'} than ${than}`;
}

function artifactLines({ artifacts }: ShownRun): readonly Line[] {
  if (artifacts === null) return [];
  const { files, bytes, partial, names } = artifacts;
  const few = names.slice(0, MOST_NAMES).join(', ');
  const of = names.length === 0 ? '' : `: ${few}${names.length > MOST_NAMES ? ', …' : ''}`;
  return [
    ['artifacts', `${files} files, ${bytesText(bytes)}${partial ? ', of a run that did not complete' : ''}${of}`],
  ];
}

function verifierLines({ verifiers: { passed, others } }: ShownRun): readonly Line[] {
  if (passed === 0 && others.length === 0) return [];
  // What does not apply is no news.
  const told = others.filter((one) => !one.endsWith(': skip'));
  return [['verified', [`${passed} passed`, ...told].join(', ')]];
}

function adviceText({ pointer, current, suggested }: Recommendation): string {
  return `${pointer}: ${current ?? 'not set'} → ${suggested ?? '?'}`;
}
