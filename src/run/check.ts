/** One line of `autolab doctor`: what was checked, what was found, and the fix. */
export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly found: string;
  readonly mend: string | null;
}
