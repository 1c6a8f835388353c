import type { AgentDone } from '../agents/run-agent.ts';
import { problemOfFile } from '../documents/located.ts';
import type { Code } from '../errors/catalog.ts';
import { type Failure, failureOf } from '../errors/failure.ts';
import type { Problem } from '../errors/problem.ts';
import { andMore } from '../platform/listing.ts';

/** What is said of an agent's end. Pure. */

const MOST_NAMED = 5;

/** Null if it ended well; then the outputs of its stage decide. */
export function failureOfAgent({ record, folder }: AgentDone): Failure | null {
  const { code, outside } = record;
  if (code === null) return null;
  const logs = `${folder.relative}/`;
  return failureOf(code as Code, { ...wordsOf(code, { record, folder }, logs), problems: outside.map(problemOf) });
}

function wordsOf(
  code: string,
  { record }: AgentDone,
  logs: string,
): { readonly message?: string; readonly hint?: string } {
  const { end, outside, argv, timeout_seconds: limit } = record;
  const again = 'then: autolab run';
  switch (code) {
    case 'interrupted':
      return { message: `Interrupted; the agent was ended.${awayWords(record)}`, hint: 'Continue: autolab run' };
    case 'agent.out_of_scope': {
      const kept = outside.every(({ put_back: back }) => back) ? 'they were put back' : 'not all could be put back';
      return {
        message: `The agent changed what is not its own; ${kept}: ${named(record)}.`,
        hint: `What it did there is in ${logs}outside/. Widen edit_scope in .autolab/agent.yaml if it may; ${again}`,
      };
    }
    case 'agent.not_started':
      return {
        message: `The agent ${JSON.stringify(argv[0])} could not be started: ${end?.spawn_error ?? 'no reason'}.`,
      };
    case 'agent.timeout':
      return {
        message: `The agent did not end within ${limit} s and was ended.`,
        hint: `See ${logs}stdout.log. Raise timeout in .autolab/agent.yaml, or give it less to do; ${again}`,
      };
    default:
      return {
        message: `The agent ended with ${end?.signal === null || end === null ? `status ${String(end?.exit_code)}` : `the signal ${end.signal}`}.`,
        hint: `See ${logs}stderr.log and ${logs}stdout.log; ${again}`,
      };
  }
}

function awayWords(record: AgentDone['record']): string {
  return record.outside.length === 0 ? '' : ` It had changed what is not its own: ${named(record)}.`;
}

function named({ outside }: AgentDone['record']): string {
  const first = outside.slice(0, MOST_NAMED).map(({ path }) => path);
  return `${first.join(', ')}${andMore(outside.length - first.length)}`;
}

const WHAT = {
  changed: 'the agent changed it',
  made: 'the agent made it',
  removed: 'the agent removed it',
  mode: 'the agent changed its mode',
  moved: 'the agent moved it away',
  leads_out: 'the agent made it a link that leads out of the project',
  not_comparable: 'it could not be compared',
} as const;

const WHOSE = {
  autolab: 'only autolab writes it',
  closed: 'its experiment is closed',
  outside: 'it is outside of the edit scope',
  scope: 'links must stay in the project',
} as const;

function problemOf({ path, what, of, put_back: back, reason }: AgentDone['record']['outside'][number]): Problem {
  const end = back ? 'it was put back' : `it could not be put back: ${reason ?? 'no reason'}`;
  return problemOfFile(
    path,
    'agent.out_of_scope',
    `${WHAT[what]}, and ${WHOSE[of]}; ${what === 'made' && back ? 'it was put aside' : end}`,
  );
}
