import * as z from 'zod';
import { shown } from '../documents/excerpt.ts';
import { parsed } from '../documents/located.ts';
import { notesFor } from '../documents/notes.ts';
import { shape } from '../documents/shape.ts';
import { yamlDocument } from '../documents/yaml-document.ts';
import type { Drafted } from '../errors/problem.ts';
import { readDuration } from './durations.ts';
import { checked, line } from './fields.ts';

/** `.autolab/agent.yaml`: a program that does stages of the workflow. Optional; without it people do them. */

export const AGENT_FILE = '.autolab/agent.yaml';

/** What an agent may be asked to do. A hypothesis is a line of the backlog, which is autolab's. */
export const AUTHOR_STAGES = ['design', 'implementation'] as const;
/** A reviewer's, unless the file says otherwise. */
export const DECIDING_STAGES = ['implementation_review', 'decide_repeat'] as const;

export type AgentStage = (typeof AUTHOR_STAGES)[number] | (typeof DECIDING_STAGES)[number];

export interface AgentConfig {
  /** argv; gets the prompt of the stage on its standard input. */
  readonly command: readonly string[];
  readonly stages: readonly AgentStage[];
  readonly timeoutSeconds: number;
  /** Globs, relative to the root, with `{{iteration_id}}`; null for the default. */
  readonly editScope: readonly string[] | null;
}

const DEFAULT_TIMEOUT_SECONDS = 3600;

function checkScope(pattern: string): string | null {
  if (pattern.startsWith('/')) return 'must be relative to the project';
  if (pattern.startsWith('!')) return 'must name what the agent may change; it cannot begin with `!`';
  if (pattern.split('/').some((part) => part === '..' || part === '.')) return 'must not contain `.` or `..` as a part';
  return null;
}

/** A bare number is minutes, as in a design. */
const walltime = z.preprocess(
  (value) => (typeof value === 'number' ? String(value) : value),
  checked((text) => {
    const reading = readDuration(text);
    return reading.ok ? null : reading.message;
  }),
);

const schema = z.object({
  command: z.array(line).min(1),
  stages: z.array(z.enum([...AUTHOR_STAGES, ...DECIDING_STAGES])).nullish(),
  may_decide: z.boolean().nullish(),
  timeout: walltime.nullish(),
  edit_scope: z.array(line.and(checked(checkScope))).nullish(),
});

const EXAMPLES = {
  command: '`[my-agent, --print]`, the program and its arguments',
  timeout: '`"1:00:00"`',
  edit_scope: 'a list such as `[src/**, "experiments/{{iteration_id}}/**"]`',
};

/** Misspelled, each would change what the agent may do. */
const DECISIVE = ['command', 'stages', 'may_decide', 'timeout', 'edit_scope'];

export function parseAgentConfig(text: string, file: string): Drafted<AgentConfig> {
  const document = yamlDocument(text, file, { emptyIsMapping: true });
  const read = shape(document, schema, EXAMPLES, DECISIVE);
  if (read.value === null) return { ...parsed<AgentConfig>(file, null, read.problems), draft: null };
  const { command, stages, may_decide: mayDecide, timeout, edit_scope: editScope } = read.value;
  const notes = notesFor(document);
  const deciding: readonly string[] = DECIDING_STAGES;
  for (const [at, stage] of (stages ?? []).entries())
    if (deciding.includes(stage) && mayDecide !== true)
      notes.error(
        `/stages/${at}`,
        'value.conflict',
        `is ${shown(stage)}, which a reviewer decides; remove it, or add \`may_decide: true\``,
      );
  const reading = timeout === null || timeout === undefined ? null : readDuration(timeout);
  const config: AgentConfig = {
    command,
    stages: stages ?? AUTHOR_STAGES,
    timeoutSeconds: reading?.ok === true ? reading.seconds : DEFAULT_TIMEOUT_SECONDS,
    editScope: editScope ?? null,
  };
  return { ...parsed(file, config, [...read.problems, ...notes.problems]), draft: config };
}
