import type { CallToolResult } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { exitStatusOf } from '../index.ts';
import { compactText } from './shorten.ts';
import type { Tool, ToolAnswer } from './tool.ts';

/** A result of a verb as the answer of a tool: the object that `--json` prints, and `next_tool`. */

const maybe = z.string().nullish();

const EVERY_RESULT = {
  outcome: z
    .string()
    .describe('ok, completed, submitted, cancelled, needs_retry, human_review, refused, conflict, undetermined, …'),
  code: z.string().describe('Stable; the resource autolab://errors explains it.'),
  message: z.string().describe('What happened.'),
  hint: z.string().describe('What to do about it; commands in it are for a terminal.'),
  next_tool: maybe.describe('The tool to call next; null if somebody else has to act, or if this tool only looks.'),
  run_id: maybe,
  experiment_id: maybe,
  stage_after: maybe.describe('Where the workflow is now.'),
  problems: z
    .array(z.looseObject({ file: z.string(), message: z.string() }))
    .optional()
    .describe('Each with file, line, column and pointer.'),
};

export function outputSchema({ output }: Tool): z.ZodObject {
  return z.looseObject({ ...EVERY_RESULT, ...output });
}

export function answerOf({ name }: Tool, { result, nextTool }: ToolAnswer): CallToolResult {
  const value = { ...result, command: name, next_tool: nextTool };
  return {
    content: [{ type: 'text', text: compactText(value) }],
    structuredContent: value,
    // A run that goes on is what the call was to say, whatever a script's exit status is then.
    isError: result.code !== 'run.still_going' && exitStatusOf(result) !== 0,
  };
}
