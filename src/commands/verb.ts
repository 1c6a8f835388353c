import { Stopped } from '../errors/failure.ts';
import { type Call, call } from './call.ts';
import { checkOptions, type OptionRules } from './check-options.ts';
import { expectedFailure } from './expected.ts';
import { type CommandResult, flatten, resultOfFailure, type VerbResult } from './result.ts';

/** The project or folder that a verb works on. */
export interface ProjectRoot {
  readonly root: string;
}

/** For verbs without options. */
export type NoOptions = Readonly<Record<string, never>>;

/** One verb: what it takes, and what it does. It prints nothing and sets no exit status. */
export interface Verb<Options, At = ProjectRoot, Event = never> {
  readonly name: string;
  readonly options: OptionRules<Options>;
  readonly perform: (
    place: At,
    options: Options,
    /** Returns a promise to a verb that waits for slow listeners. */
    emit: (event: Event) => unknown,
  ) => CommandResult | Promise<CommandResult>;
}

/**
 * A verb as a program calls it. Its code is loaded by the first call. Which keys its result has besides those of every
 * result is declared beside the verb, and checked where it makes them (`satisfies`).
 */
export function verb<Options extends object, Result extends VerbResult, At = ProjectRoot, Event = never>(
  place: At,
  load: () => Promise<Verb<Options, At, Event>>,
): (options?: Options) => Call<Result, Event> {
  return (options) =>
    call<Result, Event>(async (emit) => {
      const { name, options: rules, perform } = await load();
      const checked = await checkOptions(name, options ?? {}, rules);
      try {
        return flatten(await perform(place, checked, emit)) as Result;
      } catch (error) {
        const failure = expectedFailure(error);
        if (failure === null) throw error;
        return flatten(resultOfFailure(name, failure, error instanceof Stopped ? error.run : {})) as Result;
      }
    }, listenerOf(options));
}

function listenerOf(options: unknown): ((event: unknown) => unknown) | undefined {
  if (typeof options !== 'object' || options === null || !('onEvent' in options)) return undefined;
  return typeof options.onEvent === 'function' ? (options.onEvent as (event: unknown) => unknown) : undefined;
}
