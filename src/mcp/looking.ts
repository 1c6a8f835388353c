import * as z from 'zod';
import { shortList, shortTasks } from './shorten.ts';
import { type Tool, tool, type ToolAnswer } from './tool.ts';

/** The tools that look at records. */

const READS = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };
const NAME = z.string().max(300);
const listOf = (what: string) => z.array(z.string().max(500)).max(20).nullish().describe(what);

function only(result: ToolAnswer['result']): ToolAnswer {
  return { result, nextTool: null };
}

const runs = tool({
  name: 'runs',
  title: 'List the runs',
  description:
    'The runs of the current experiment, oldest first: id, when, mode, job, status, outcome, time queued and running, ' +
    'primary metric with its delta to the strongest baseline, arguments, commit.',
  input: {
    all: z.boolean().nullish().describe('Of every experiment, and of linked work trees. Default: false.'),
    where: listOf('Conditions, all of which must hold: status=failed, lr=0.1, accuracy>0.9.'),
    sort: z.string().max(300).nullish().describe('A metric (best first), an argument or another key; `-` reverses.'),
    limit: z
      .int()
      .min(1)
      .max(500)
      .nullish()
      .describe('Only the last so many; of a sorted list the first. Default: 50.'),
  },
  output: {
    runs: z.array(z.looseObject({ run_id: z.string(), status: z.string() })).optional(),
    differing_arguments: z
      .array(z.string())
      .optional()
      .describe('Names of the arguments that are not the same in all.'),
    omitted: z.number().optional().describe('How many are left out.'),
  },
  annotations: READS,
  perform: async ({ all, where, sort, limit }, { project }) => {
    const result = await project.runs({ all: all ?? false, where: where ?? [], sort: sort ?? null });
    return only(shortList(result, limit ?? 50, (sort ?? null) !== null));
  },
});

const show = tool({
  name: 'show',
  title: 'Show a run',
  description:
    'What is worth knowing of a run first: verdict with code and hint, command and arguments, commit, times, resources asked ' +
    'for and used, metrics with baselines, artifacts, next command. Read from its record alone.',
  input: { run_id: NAME.nullish().describe('A run id of `runs`, or ITERATION/RUN. Left out: the active or last run.') },
  output: { run: z.looseObject({ command: z.string() }).nullish() },
  annotations: READS,
  perform: async ({ run_id }, { project }) => only(await project.show({ run: run_id ?? null })),
});

const tasks = tool({
  name: 'tasks',
  title: 'List the tasks of a run',
  description:
    'Of a run that has many tasks: parameters, state, code, attempts, times, memory, primary metric of each, and how many ' +
    'are in each state (`by_state`). `failed: true` lists those that ended and did not complete. Read the log of one with ' +
    '`logs` and `task`.',
  input: {
    run_id: NAME.nullish().describe('A run id of `runs`, or ITERATION/RUN. Left out: the active or last run.'),
    failed: z.boolean().nullish().describe('Only those that ended and did not complete. Default: false.'),
    sort: z.string().max(300).nullish().describe('A metric (best first), a parameter or another key; `-` reverses.'),
    limit: z.int().min(1).max(500).nullish().describe('Only the first so many. Default: 50.'),
  },
  output: {
    tasks: z.array(z.looseObject({ index: z.number(), state: z.string() })).optional(),
    by_state: z.record(z.string(), z.number()).optional().describe('State: number of tasks.'),
    omitted: z.number().optional().describe('How many are left out.'),
  },
  annotations: READS,
  perform: async ({ run_id, failed, sort, limit }, { project }) => {
    const result = await project.tasks({ run: run_id ?? null, failed: failed ?? false, sort: sort ?? null });
    return only(shortTasks(result, limit ?? 50));
  },
});

const compare = tool({
  name: 'compare',
  title: 'Compare runs',
  description:
    'What differs between two runs or more, and nothing else: design, code with its files, environment, inputs, usage, end, ' +
    'each value by run in the order of `runs`; all metrics with the delta of the last run to the first; and whether the runs ' +
    'are the same by their fingerprints.',
  input: { runs: z.array(NAME).max(20).describe('Two or more run ids, or ITERATION/RUN.') },
  output: {
    same: z
      .looseObject({ inputs: z.boolean().nullable() })
      .optional()
      .describe('Null: cannot be known; `reason` says why.'),
    differences: z
      .array(z.looseObject({ group: z.string(), pointer: z.string(), values: z.array(z.unknown()) }))
      .optional(),
    metrics: z.array(z.looseObject({ name: z.string(), delta: z.number().nullable() })).optional(),
  },
  annotations: READS,
  perform: async ({ runs: names }, { project }) => only(await project.compare({ runs: names })),
});

export const LOOKING_TOOLS: readonly Tool[] = [runs, show, tasks, compare];
