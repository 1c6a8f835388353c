// Values as Slurm prints them.
import { Misuse } from './misuse.mjs';

const ZONED = '%Y-%m-%dT%H:%M:%S%z';

/** squeue and scontrol follow SLURM_TIME_FORMAT. */
export function time(ms, none) {
  if (ms === null) return none;
  const format = process.env['SLURM_TIME_FORMAT'];
  if (format === undefined) return localTime(ms);
  if (format !== ZONED) throw new Misuse(`SLURM_TIME_FORMAT is understood as "${ZONED}" only, not as "${format}"`);
  const offset = -new Date(ms).getTimezoneOffset();
  const [sign, size] = [offset < 0 ? '-' : '+', Math.abs(offset)];
  return `${localTime(ms)}${sign}${two(Math.floor(size / 60))}${two(size % 60)}`;
}

/** sacct does not: its times are local and without a zone. */
export function localTime(ms, none = 'Unknown') {
  if (ms === null) return none;
  const at = new Date(ms);
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** `HH:MM:SS`, `D-HH:MM:SS`. */
export function clock(seconds) {
  const whole = Math.floor(seconds);
  const rest = `${two(Math.floor((whole % 86_400) / 3600))}:${two(Math.floor((whole % 3600) / 60))}:${two(whole % 60)}`;
  return whole >= 86_400 ? `${Math.floor(whole / 86_400)}-${rest}` : rest;
}

/** squeue's short form: `M:SS`, `H:MM:SS`, `D-HH:MM:SS`. */
export function shortClock(seconds) {
  return clock(seconds).replace(/^(?:00:)?0?/, '');
}

/** A time limit in one of sbatch's forms, in seconds; null where it is none. */
export function readLimit(text) {
  const match = /^(?:(\d+)-)?(\d+)(?::(\d+))?(?::(\d+))?$/.exec(text);
  if (match === null) return null;
  const [days, a, b, c] = match.slice(1).map((part) => (part === undefined ? null : Number(part)));
  if (days !== null) return days * 86_400 + a * 3600 + (b ?? 0) * 60 + (c ?? 0);
  if (c !== null) return a * 3600 + b * 60 + c;
  return b === null ? a * 60 : a * 60 + b;
}

/** In MiB; null where it is none. */
export function readMegabytes(text) {
  const match = /^(\d+)([KMGT]?)$/i.exec(text);
  const factor = { K: 1 / 1024, M: 1, G: 1024, T: 1024 * 1024 };
  return match === null ? null : Math.ceil(Number(match[1]) * factor[(match[2] || 'M').toUpperCase()]);
}

export function two(number) {
  return String(number).padStart(2, '0');
}
