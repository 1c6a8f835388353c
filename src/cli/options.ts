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
  return typeof value === 'string' ? value : null;
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

export function oneOf<T extends string>(options: Options, name: string, allowed: readonly T[]): T | null {
  const value = text(options, name);
  if (value === null) return null;
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined)
    throw new UsageError(`${typed(name)} takes one of ${allowed.join(', ')}, not ${JSON.stringify(value)}`);
  return found;
}
