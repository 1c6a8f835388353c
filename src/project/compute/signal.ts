import type { Notes } from '../../documents/notes.ts';
import { isAbsent, itSays, scalarText } from './values.ts';

/** `compute.signal`: the signal that Slurm sends before the time limit. Source: sbatch(1), `--signal`. */

export interface SignalRequest {
  /** Without the prefix SIG. */
  readonly name: SignalName;
  /** Before the time limit; Slurm may send it up to 60 seconds earlier. */
  readonly seconds: number;
}

/** The signals that autolab passes on to the entrypoint. */
const NUMBERS = { USR1: 10, USR2: 12, TERM: 15 } as const;
export type SignalName = keyof typeof NUMBERS;
const NAMES = Object.keys(NUMBERS) as readonly SignalName[];

/** sbatch's default if none is written. */
const DEFAULT_SECONDS = 60;
const MOST_SECONDS = 65_535;

/** `USR1@120`, `SIGUSR1`, `10@120`; may begin with `B:`, which autolab writes itself. */
export function readSignal(notes: Notes, pointer: string, value: unknown): SignalRequest | null {
  if (isAbsent(value)) return null;
  const text = scalarText(notes, pointer, value);
  const match = /^(?:B:)?(?:SIG)?([A-Z][A-Z0-9]*|\d{1,5})(?:@(\d{1,6}))?$/i.exec(text);
  const refuse = (message: string): null => {
    notes.error(pointer, 'value.invalid', `${message}; ${itSays(notes, pointer)}`);
    return null;
  };
  if (match === null) return refuse('must be a signal and the seconds before the time limit, such as "USR1@120"');
  const word = (match[1] ?? '').toUpperCase();
  const name = NAMES.find((one) => one === word || String(NUMBERS[one]) === word);
  if (name === undefined)
    return refuse('must be USR1, USR2 or TERM: other signals do not reach the entrypoint (write "USR1@120")');
  const seconds = match[2] === undefined ? DEFAULT_SECONDS : Number(match[2]);
  if (seconds > MOST_SECONDS) return refuse(`must be at most ${MOST_SECONDS} seconds before the time limit`);
  return { name, seconds };
}
