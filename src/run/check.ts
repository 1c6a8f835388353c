/** One line of `autolab doctor`: what was looked at, what was found, and the mend. */
export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly found: string;
  readonly mend: string | null;
}
