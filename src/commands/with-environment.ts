import { failureOf } from '../errors/failure.ts';
import type { Emit } from '../events/events.ts';
import { DriverControl } from '../run/control.ts';
import type { LaunchEnvironment } from '../run/session.ts';
import { cancelRun } from './cancel.ts';
import { checkOptions, flag, maybeMilliseconds, maybeText, type OptionRules, text } from './check-options.ts';
import { launchRun, type LaunchSettings } from './launch.ts';
import { notifying } from './notify.ts';
import { type CommandResult, resultOfFailure } from './result.ts';
import { resumeActive } from './resume.ts';
import { runStatus } from './status.ts';
import { withPage } from './with-page.ts';

/**
 * Four verbs for programs that hold a `DriverControl` of their own. What is left out of the environment and of the options has
 * the command line's defaults; a wrong value is a result with the code `usage`.
 */

/** A project, and as much of the rest as the program wants to have in its hands. */
export interface GivenEnvironment {
  readonly root: string;
  readonly emit?: Emit;
  readonly control?: DriverControl;
  /** For the lease. Default: the name of the verb. */
  readonly command?: string;
}

type LaunchOptions = Partial<Omit<LaunchSettings, 'adopt'>>;
type ResumeOptions = Partial<Pick<LaunchSettings, 'detach' | 'waitTimeoutMs'>>;

const WAIT = { detach: flag, waitTimeoutMs: maybeMilliseconds } satisfies OptionRules<ResumeOptions>;
const LAUNCH = {
  ...WAIT,
  ...{ dryRun: flag, runId: maybeText, profile: maybeText, allowOpenTodo: flag, failedOnly: flag },
  ...{ approved: maybeText, after: maybeText },
} satisfies OptionRules<LaunchOptions>;

type WholeEnvironment = LaunchEnvironment & { readonly control: DriverControl };

function whole(verb: string, given: GivenEnvironment): WholeEnvironment {
  const { root, emit = () => undefined, control = new DriverControl(), command = `library ${verb}` } = given;
  if (typeof root !== 'string' || root.trim() === '')
    throw new TypeError(`${verb} needs the project's folder as \`root\``);
  if (typeof emit !== 'function') throw new TypeError(`${verb}: emit takes a function`);
  return { root, emit, control, command };
}

/** The checks come before the work: a TypeError of the work itself is a bug, and stays one. */
async function checked<Options extends object, Result>(
  verb: string,
  given: GivenEnvironment,
  options: Options,
  rules: OptionRules<Options>,
  work: (env: WholeEnvironment, options: Options) => Promise<Result>,
): Promise<Result | CommandResult> {
  let env: WholeEnvironment;
  let good: Options;
  try {
    env = whole(verb, given);
    good = await checkOptions(verb, options, rules);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return resultOfFailure(
      verb,
      failureOf('usage', { message: /[.?]$/.test(error.message) ? error.message : `${error.message}.`, hint: '' }),
    );
  }
  return work(env, good);
}

export function launchIn(env: GivenEnvironment, options: LaunchOptions = {}): Promise<CommandResult> {
  return checked('launch', env, options, LAUNCH, (whole, good) =>
    good.dryRun === true
      ? launchRun(whole, good)
      : notifying(whole, () => withPage(whole, (seen) => launchRun(seen, good))),
  );
}

export function resumeIn(env: GivenEnvironment, options: ResumeOptions = {}): Promise<CommandResult | 'unopened'> {
  return checked('resume', env, options, WAIT, (whole, good) =>
    notifying(whole, () => withPage(whole, (seen) => resumeActive(seen, good))),
  );
}

export function cancelIn(env: GivenEnvironment, options: { readonly by?: string } = {}): Promise<CommandResult> {
  return checked('cancel', env, options, { by: text }, (whole, good) =>
    notifying(whole, () => withPage(whole, (seen) => cancelRun(seen, good))),
  );
}

/** `root`: the folder, or an environment. Returns null if there is no readable state. */
export function statusIn(root: string | GivenEnvironment): Promise<CommandResult | null> {
  const given = typeof root === 'string' ? { root } : root;
  return checked('status', given, {}, {}, ({ root: folder }) => runStatus(folder));
}
