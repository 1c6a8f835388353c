import * as z from 'zod';
import { failureOf } from '../errors/failure.ts';
import { callResult, type Project, type VerbResult } from '../index.ts';
import type { Work } from './work.ts';

/** What a tool is given, and what it gives. */

/** The tools that lead on; the others only look. */
export type ToolName = 'next' | 'new' | 'check' | 'launch' | 'wait' | 'logs' | 'extract';

/** What is around a call. */
export interface Around {
  readonly project: Project;
  /** The client does not want the answer any more. It never means that a run shall stop. */
  readonly signal: AbortSignal;
  /** Says to a client that asked for it how far the call has come. */
  readonly report: (seconds: number, of: number, message: string) => void;
  /** What continues whether or not somebody waits for it. */
  readonly work: Work;
}

export interface ToolAnswer {
  readonly result: VerbResult;
  /** Null if somebody else has to act, or if the tool only looks. */
  readonly nextTool: ToolName | null;
}

export interface Annotations {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

interface ToolWords {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Keys of the result besides those of every result. */
  readonly output: Readonly<Record<string, z.ZodType>>;
  readonly annotations: Annotations;
}

export interface Tool extends ToolWords {
  readonly input: z.ZodObject;
  readonly call: (given: unknown, around: Around) => Promise<ToolAnswer>;
}

export interface Definition<Shape extends z.ZodRawShape> extends ToolWords {
  readonly input: Shape;
  readonly perform: (given: z.output<z.ZodObject<Shape>>, around: Around) => Promise<ToolAnswer> | ToolAnswer;
}

/** A tool whose arguments are checked before it sees them: a wrong one is a result like any other failure. */
export function tool<Shape extends z.ZodRawShape>({ input: shape, perform, ...words }: Definition<Shape>): Tool {
  const input = z.strictObject(shape);
  return {
    ...words,
    input,
    call: async (given, around) => {
      const checked = input.safeParse(given);
      if (checked.success) return perform(checked.data, around);
      return { result: invalid(words.name, checked.error.issues), nextTool: null };
    },
  };
}

const MOST_ISSUES = 5;
const MOST_CHARACTERS = 200;

function invalid(name: string, issues: readonly z.core.$ZodIssue[]): VerbResult {
  const lines = issues.slice(0, MOST_ISSUES).map(({ path, message }) => {
    const words = path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`;
    return words.length > MOST_CHARACTERS ? `${words.slice(0, MOST_CHARACTERS)}…` : words;
  });
  const message = `Invalid arguments of the tool ${name}: ${lines.join('; ')}.`;
  return callResult(name, failureOf('usage', { message, hint: 'Call it again as its inputSchema says.' }));
}
