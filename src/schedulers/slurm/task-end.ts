import { SIGNAL_NUMBERS } from './signals.ts';

/** srun's report of a task that ended badly. Pure. Forms of 20.11 to 24.11. */

export interface SrunTaskEnd {
  /** `srun`'s own words without its name, such as `n2: task 1: Exited with exit code 3`. */
  readonly words: string;
  /** null if a signal ended it, and if the words are not known. */
  readonly code: number | null;
  readonly signal: number | null;
  readonly outOfMemory: boolean;
}

/** `srun: error: n2: task 1: Exited with exit code 3`, `srun: error: n[1-2]: tasks 0-1: Killed`. */
const TASK = /^(?:\S+: )?srun: error: (\S+: tasks? [\d,\[\]-]+: (.+))$/;

export function isTaskLine(line: string): boolean {
  return TASK.test(line);
}

export function readTaskEnd(line: string): SrunTaskEnd | null {
  const [, words = '', how = ''] = TASK.exec(line) ?? [];
  if (words === '') return null;
  const code = /^Exited with exit code (\d{1,3})\b/.exec(how)?.[1];
  return {
    words: words.slice(0, 200),
    code: code === undefined ? null : Number(code),
    signal: SIGNAL_NUMBERS[how.replace(/ \(core dumped\)$/, '')] ?? null,
    outOfMemory: /^Out Of Memory/i.test(how),
  };
}
