/** `2026-11-29 01:31:06 UTC`, of a time of the record. Pure. */
export function timeText(at: string): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(at) ? `${at.slice(0, 10)} ${at.slice(11, 19)} UTC` : at;
}
