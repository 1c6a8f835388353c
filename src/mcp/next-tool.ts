import type { NextResult, OutcomeResult } from '../index.ts';
import type { ToolAnswer, ToolName } from './tool.ts';
import { isReviewersTurn } from './waiting.ts';

/** The tool that does what a command does. Pure. */
const TOOL_OF: Readonly<Record<string, ToolName>> = { new: 'new', launch: 'launch', extract: 'extract' };

/** What `autolab next` says, for a client that has tools and no terminal. Pure. */
export function nextAnswer(result: NextResult, run: OutcomeResult): ToolAnswer {
  const { who, next_command: command } = result;
  if (run.code === 'run.still_going') return { result, nextTool: who === 'reviewer' ? null : 'wait' };
  if (who === 'autolab' && isReviewersTurn(result)) return { result: approveAgain(result), nextTool: 'wait' };
  if (who === 'reviewer') return { result, nextTool: 'wait' };
  const [, verb = ''] = /^autolab ([a-z]+)/.exec(command ?? '') ?? [];
  return { result, nextTool: Object.hasOwn(TOOL_OF, verb) ? (TOOL_OF[verb] ?? null) : null };
}

function approveAgain(result: NextResult): NextResult {
  const command = 'autolab approve --by WHO';
  return {
    ...result,
    message: 'The experiment is approved, but the review names no digest, which `launch` needs.',
    hint: command,
    who: 'reviewer',
    next_command: command,
  };
}
