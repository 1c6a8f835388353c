import { shown } from '../documents/excerpt.ts';
import type { NewDesign } from './new-design.ts';

/** `--metric` and `--baseline` as the design has them. Pure. */

/** Reports what is wrong with an option, with its place in the design. */
export type ComplainOfOption = (pointer: string, message: string) => void;

const MODES: Readonly<Record<string, 'maximize' | 'minimize'>> = {
  max: 'maximize',
  maximize: 'maximize',
  min: 'minimize',
  minimize: 'minimize',
};

export interface WishedMetrics {
  /** For `metrics`. */
  readonly metrics: unknown;
  /** The name of the metric to judge by. */
  readonly primary: string | null;
}

interface NamedMetric {
  readonly text: string;
  readonly name: string;
  /** What stands after the last colon. */
  readonly word: string;
  readonly mode: 'maximize' | 'minimize' | null;
}

/** `NAME:max` or `NAME:min` once, and further names. */
export function wishedMetrics(
  given: readonly string[],
  metricsFile: string | null,
  source: NewDesign | null,
  wrong: ComplainOfOption,
): WishedMetrics {
  const file = metricsFile === null ? {} : { file: metricsFile };
  if (given.length === 0) return metricsOfSource(source, file, wrong);
  const named = given.map(readMetric);
  checkMetrics(named, wrong);
  const first = named.find(({ mode }) => mode !== null);
  const others = named.filter(({ mode }) => mode === null).map(({ name }) => name);
  const primary = first === undefined ? {} : { primary: { name: first.name, mode: first.mode } };
  const metrics = { ...file, ...primary, ...(others.length === 0 ? {} : { others }) };
  return { metrics, primary: first?.name ?? null };
}

function metricsOfSource(source: NewDesign | null, file: { file?: string }, wrong: ComplainOfOption): WishedMetrics {
  const before = (source?.metrics ?? {}) as { readonly primary?: { readonly name?: unknown } };
  const name = before.primary?.name;
  const primary = typeof name === 'string' ? name : null;
  if (file.file !== undefined && primary === null)
    wrong('/metrics/file', '`--metrics-file` needs `--metric NAME:max` or `--metric NAME:min`');
  return { metrics: { ...before, ...file }, primary };
}

function readMetric(text: string): NamedMetric {
  const [, name = text, word = ''] = /^(.*):([^:]*)$/s.exec(text) ?? [];
  return { text, name, word, mode: Object.hasOwn(MODES, word) ? (MODES[word] ?? null) : null };
}

function checkMetrics(named: readonly NamedMetric[], wrong: ComplainOfOption): void {
  for (const { text, name, word, mode } of named)
    if (name.trim() === '' || name.includes(':') || (word !== '' && mode === null))
      wrong('/metrics/primary', `\`--metric\` takes NAME:max or NAME:min, not ${shown(text)}`);
  const [first, ...more] = named.filter(({ mode }) => mode !== null);
  for (const { text } of more)
    wrong('/metrics/primary', `\`--metric\` has a second metric to judge by, ${shown(text)}; write its name alone`);
  if (first === undefined && named.every(({ word }) => word === ''))
    wrong('/metrics/primary', '`--metric` says no direction; write NAME:max or NAME:min');
}

/** `NAME=VALUE`, values of the primary metric. */
export function wishedBaselines(given: readonly string[], primary: string | null, wrong: ComplainOfOption): unknown {
  if (primary === null)
    wrong('/baselines', '`--baseline` is a value of the metric to judge by; add `--metric NAME:max` or `NAME:min`');
  return given.map((text) => {
    const [, name = '', number = ''] = /^(.*)=([^=]*)$/s.exec(text) ?? [];
    const value = finiteNumber(number);
    if (name.trim() === '' || value === null)
      wrong('/baselines', `\`--baseline\` takes NAME=VALUE with a number, such as majority=0.44, not ${shown(text)}`);
    return { name, value: value ?? 0 };
  });
}

/** Null for anything else. */
export function finiteNumber(text: string | number): number | null {
  const value = typeof text === 'number' || text.trim() !== '' ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : null;
}
