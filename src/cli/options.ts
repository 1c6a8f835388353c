import { now } from '../platform/time.ts';
import { type Options, UsageError } from './command.ts';

/** Reading options: what commander left as text becomes what a command needs, or a usage error. */

/** An option as it was typed: commander calls `--on-interrupt` `onInterrupt`. */
function typed(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

export function flag(options: Options, name: string): boolean {
  return options[name] === true;
}

export function text(options: Options, name: string): string | null {
  const value = options[name];
  if (typeof value !== 'string') return null;
  if (name === 'by') checkName(value);
  return value;
}

/** A record says who decided: no placeholder of our own hints, and nothing that a terminal would not show. */
function checkName(by: string): void {
  if (by.trim() === 'WHO') throw new UsageError('WHO stands for a name; write your name after --by');
  if (/[\p{Cc}\u2028\u2029]/u.test(by))
    throw new UsageError(`--by takes a name, without control characters, not ${JSON.stringify(by)}`);
}

/** Of an option that can be given several times. */
export function list(options: Options, name: string): readonly string[] {
  const value = options[name];
  return Array.isArray(value) ? value.filter((word) => typeof word === 'string') : [];
}

export function required(options: Options, name: string): string {
  const value = text(options, name);
  if (value === null || value.trim() === '') throw new UsageError(`${typed(name)} needs a value`);
  return value;
}

export function wholeNumber(options: Options, name: string): number | null {
  const value = text(options, name);
  if (value === null) return null;
  if (!/^\d{1,9}$/.test(value))
    throw new UsageError(`${typed(name)} takes a whole number, not ${JSON.stringify(value)}`);
  return Number(value);
}

/** Of an option that can be given several times. */
export function wholeNumbers(options: Options, name: string): readonly number[] {
  return list(options, name).map((value) => wholeNumber({ [name]: value }, name) ?? 0);
}

const DURATION = /^(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,9})s)?$/;
const TIME = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?)?$/;

/** A duration before now, or a time (of this host's zone, unless it names one), as RFC 3339. */
export function timeOf(options: Options, name: string): string | null {
  const value = text(options, name);
  if (value === null) return null;
  const parts = value === '' ? null : DURATION.exec(value);
  const ms =
    parts !== null
      ? Date.parse(now()) - secondsIn(parts.slice(1)) * 1000
      : TIME.test(value)
        ? Date.parse(value.length === 10 ? `${value}T00:00` : value.replace(' ', 'T'))
        : Number.NaN;
  if (Number.isNaN(ms))
    throw new UsageError(
      `${typed(name)} takes a duration such as 90s, 10m or 1h30m, or a time such as "2026-11-24 14:30", not ${JSON.stringify(value)}`,
    );
  return new Date(ms).toISOString();
}

function secondsIn(parts: readonly (string | undefined)[]): number {
  const [days, hours, minutes, seconds] = parts.map((part) => Number(part ?? 0));
  return (((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0);
}

export function oneOf<T extends string>(options: Options, name: string, allowed: readonly T[]): T | null {
  const value = text(options, name);
  if (value === null) return null;
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined)
    throw new UsageError(`${typed(name)} takes one of ${allowed.join(', ')}, not ${JSON.stringify(value)}`);
  return found;
}
