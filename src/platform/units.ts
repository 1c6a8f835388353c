/**
 * How numbers with a unit look, on screens and on pages: the same on every machine, whatever its locale. Pure.
 */

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** `1.5 GiB`, `640 MiB`, `12 B`: three significant digits. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // Not 1024: what rounds to 1,000 of a unit reads better as 0.98 of the next.
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? String(Math.round(value)) : shortest(value)} ${BYTE_UNITS[unit] ?? 'B'}`;
}

/** `0.42 s`, `3.1 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function secondsText(seconds: number): string {
  if (seconds < 59.5)
    return `${seconds < 10 ? shortest(Math.round(seconds * 100) / 100) : String(Math.round(seconds))} s`;
  const whole = Math.round(seconds);
  const [days, hours, minutes] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
  ];
  if (days > 0) return pair(days, 'd', hours, 'h');
  if (hours > 0) return pair(hours, 'h', minutes, 'min');
  return pair(minutes, 'min', whole % 60, 's');
}

/** As a scientist writes it: `0.9417`, `1.2e-7`, `12,345` without the comma. At most `digits` significant digits. */
export function numberText(value: number, digits = 5): string {
  if (!Number.isFinite(value)) return String(value);
  return String(Number(value.toPrecision(digits)));
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

function shortest(value: number): string {
  return String(Number(value.toPrecision(3)));
}
