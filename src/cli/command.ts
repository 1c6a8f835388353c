import type { LaunchEvent } from '../events/events.ts';
import type { VerbResult } from '../index.ts';

/** What every command takes and returns. */

export interface GlobalOptions {
  readonly directory: string | null;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly color: boolean;
}

export interface CommandContext extends GlobalOptions {
  /** Shows an event, as the terminal allows. */
  readonly show: (event: LaunchEvent) => void;
  /** The words after `--`, for a verb that takes a command; null without `--`. */
  readonly command: readonly string[] | null;
}

export interface CommandOutput {
  readonly result: VerbResult;
  /** For the user, on stdout; the message and the hint if left out. */
  readonly text?: string;
}

export type Options = Readonly<Record<string, unknown>>;

/** One file in commands/, loaded only when its verb is called. */
export type CommandHandler = (
  ctx: CommandContext,
  words: readonly string[],
  options: Options,
) => Promise<CommandOutput> | CommandOutput;

/** Thrown for invalid arguments; becomes exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** Null: the help of the verb. */
  readonly hint: string | null;

  constructor(message: string, hint: string | null = null) {
    super(message);
    this.hint = hint;
  }
}
