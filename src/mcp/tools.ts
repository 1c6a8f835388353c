import * as z from 'zod';
import type { VerbResult } from '../index.ts';
import { AGENT } from './agent.ts';
import { checkedEarly } from './checking.ts';
import { launchFor } from './launching.ts';
import { LOOKING_TOOLS } from './looking.ts';
import { addExperiment } from './new-tool.ts';
import { nextAnswer } from './next-tool.ts';
import { boundedLogs } from './shorten.ts';
import { type Around, type Tool, tool, type ToolAnswer, type ToolName } from './tool.ts';
import { boundedResult, waitFor } from './waiting.ts';

/** The tools, in the order of the work. None decides what a reviewer decides. */

const LOOKS = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true };

const RUN = z
  .string()
  .max(300)
  .nullish()
  .describe('A run id of `runs`, or ITERATION/RUN. Left out: the active run, else the last one.');

/** Calls the facade; a call that takes longer than a client waits continues, and is joined by the next one. */
async function ask(
  around: Around,
  name: string,
  given: unknown,
  begin: () => Promise<VerbResult>,
): Promise<VerbResult> {
  return boundedResult(around, name, around.work.call(around.project.root, name, given, begin));
}

function good(result: VerbResult, then: ToolName | null, otherwise: ToolName | null = null): ToolAnswer {
  return { result, nextTool: result.code === 'ok' ? then : otherwise };
}

const next = tool({
  name: 'next',
  title: 'Say what comes next',
  description:
    'What the project waits for, whose turn it is (`who`), and the command for a terminal. Call it first, and whenever you ' +
    'do not know how to continue; then do what `next_tool` says. If `who` is `reviewer`, show the user `next_command` and ' +
    'call `wait`. If `who` is `author`, write the files that `problems` and `message` are about. If there is no tool for ' +
    '`next_command`, run it in a terminal if you have one (but never a decision of a reviewer), or show it to the user.',
  input: {},
  output: {
    stage: z.string().optional(),
    who: z.string().nullish().describe('author, reviewer, autolab or agent.'),
    next_command: z.string().nullish().describe('For a terminal; WHO, TEXT and ID are filled in by the user.'),
    alternatives: z.array(z.looseObject({ command: z.string(), when: z.string() })).optional(),
    approved_digest: z.string().nullish().describe('What `launch` takes as `approved`; null if nothing is approved.'),
    after: z.string().nullish().describe('What `launch` takes as `after`; null if this approval was not launched yet.'),
  },
  annotations: LOOKS,
  perform: async (_given, { project }) => nextAnswer(await project.next(), await project.outcome()),
});

const check = tool({
  name: 'check',
  title: 'Check what a launch would do',
  description:
    'Dry run: reads everything, lists every problem with file, line and column, and shows the plan and the launch script; ' +
    'before the approval there is no plan, and only the problems of the documents and the entrypoint are listed. ' +
    'Writes nothing. `plan.approved_digest` is what `launch` needs; it is null until a reviewer has approved.',
  input: {},
  output: {
    plan: z
      .looseObject({ approved_digest: z.string().nullable(), command: z.string(), mode: z.string() })
      .nullish()
      .describe('Null if a run is active.'),
  },
  annotations: LOOKS,
  perform: async (_given, around) => {
    const { project } = around;
    const dry = await ask(around, 'check', {}, () => project.launch({ dryRun: true }));
    if (dry.code === 'state.wrong_stage') return { result: checkedEarly(dry, await project.next()), nextTool: 'next' };
    return good(dry, 'launch', 'next');
  },
});

const launch = tool({
  name: 'launch',
  title: 'Launch what was approved',
  description:
    'Starts the approved experiment and returns its run id within seconds; the run continues in the background, whatever ' +
    'becomes of this connection. Call `wait` next. Calling it again with the same arguments is the same launch: it never ' +
    'starts a second run, also if the first answer was lost.',
  input: {
    approved: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'is the approved_digest that `next`, `check` or `status` returned: 64 hex digits')
      .describe('`approved_digest` as `next`, `check` or `status` returned it.'),
    after: z
      .string()
      .max(64)
      .nullish()
      .describe('Only to run the same approval once more: the id of its last run, as `next` returned it.'),
    failed_only: z
      .boolean()
      .nullish()
      .describe('Of many tasks only those that the last run did not complete; the others are taken over.'),
  },
  output: {},
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  perform: ({ approved, after, failed_only }, around) =>
    launchFor(around, { approved, after: after ?? null, failedOnly: failed_only === true }),
});

const wait = tool({
  name: 'wait',
  title: 'Wait for the run, or for the reviewer',
  description:
    'Waits up to `seconds` until the run has ended, and brings its outputs back and verifies them. If no run is active and ' +
    'a reviewer has to decide, waits for that decision. Code `run.still_going`, or `next_tool` is `wait`: call it again. ' +
    'If the client stops waiting, the run continues.',
  input: {
    run_id: z.string().max(300).nullish().describe('Left out: the active run.'),
    seconds: z.int().min(1).max(45).nullish().describe('Default: 40.'),
  },
  output: {
    step: z.string().nullish().describe('The step that the run is at.'),
    elapsed_seconds: z.number().nullish(),
    last_line: z.string().nullish().describe('The last line that the run printed.'),
  },
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  perform: ({ run_id, seconds }, around) => waitFor(around, run_id ?? null, seconds ?? 40),
});

const status = tool({
  name: 'status',
  title: 'Show the state',
  description: 'The stage of the workflow, the active run, its step, its job in the queue, and who drives it.',
  input: {},
  output: {
    step: z.string().nullish(),
    driver: z
      .union([z.string(), z.looseObject({})])
      .optional()
      .describe('`nobody`, or the process that drives the run.'),
    tasks: z
      .looseObject({ count: z.number(), completed: z.number(), failed: z.number() })
      .nullish()
      .describe('How many tasks are in each state; null for a run with one.'),
    queue_state: z.string().nullish(),
    queue_reason: z.string().nullish(),
  },
  annotations: LOOKS,
  perform: async (_given, around) => {
    const result = await ask(around, 'status', {}, () => around.project.status());
    return { result, nextTool: result.code === 'ok' ? 'wait' : 'next' };
  },
});

const logs = tool({
  name: 'logs',
  title: 'Read the logs of a run',
  description: 'The last lines of what the run printed, at most 64 KiB of each log.',
  input: {
    run_id: RUN,
    stream: z.enum(['out', 'err', 'driver']).nullish().describe('Left out: out and err.'),
    task: z.int().min(0).nullish().describe('The index of one task, in a run that has many (see `tasks`).'),
    lines: z.int().min(1).max(2000).nullish().describe('The last lines of each log. Default: 100.'),
    grep: z.string().max(500).nullish().describe('Only lines in which this JavaScript regular expression is found.'),
  },
  output: {
    logs: z.record(z.string(), z.string()).nullish().describe('Path in the run folder: text.'),
  },
  annotations: LOOKS,
  perform: async ({ run_id, stream, task, lines, grep }, around) => {
    const which = { run: run_id ?? null, stream: stream ?? null, task: task ?? null };
    const options = { ...which, lines: lines ?? 100, grep: grep ?? null };
    const result = await ask(around, 'logs', options, () => around.project.logs(options));
    return good(boundedLogs(result), null);
  },
});

const cancel = tool({
  name: 'cancel',
  title: 'Stop the active run',
  description:
    'Stops the active run, waits for its confirmed end and records it. What it did until then is kept. The workflow stays ' +
    'at `launch`. With `tasks`, only those tasks of it are asked to end, and the run continues.',
  input: {
    tasks: z.array(z.int().min(0)).max(100).nullish().describe('Indices of tasks. Left out: the run.'),
  },
  output: {},
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  perform: async ({ tasks }, around) => {
    if ((tasks ?? []).length > 0)
      return { result: await around.project.cancel({ tasks: tasks ?? [], by: AGENT }), nextTool: 'wait' };
    const piece = around.work.drive(around.project.root, 'cancel', [`--by=${AGENT}`]);
    const result = await boundedResult(around, 'cancel', piece);
    return { result, nextTool: result.code === 'run.still_going' ? null : 'next' };
  },
});

const verify = tool({
  name: 'verify',
  title: 'Verify a run again',
  description: 'Runs every verifier on the record of a run that has ended. Writes nothing.',
  input: { run_id: RUN },
  output: {
    verifiers: z.array(z.looseObject({ name: z.string(), status: z.string(), message: z.string() })).optional(),
  },
  annotations: LOOKS,
  perform: async ({ run_id }, around) => {
    const options = { run: run_id ?? null };
    return good(await ask(around, 'verify', options, () => around.project.verify(options)), null);
  },
});

const extract = tool({
  name: 'extract',
  title: 'Read the results',
  description:
    'Reads the metrics that the design declares from the record of a run that has completed, compares them with the ' +
    'baselines and the target, and writes the analysis and a summary. A metric that is missing or not a number is a problem ' +
    'with its file. The same record gives the same bytes.',
  input: { run_id: RUN.describe('Left out: the last run, whose stage it is. Another run leaves the stage as it is.') },
  output: {
    analysis: z.looseObject({}).optional().describe('Values, deltas, and whether the target is met.'),
    analysis_file: z.string().optional(),
    summary_file: z.string().optional(),
  },
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  perform: async ({ run_id }, around) => {
    const options = { run: run_id ?? null };
    return { result: await ask(around, 'extract', options, () => around.project.extract(options)), nextTool: 'next' };
  },
});

export const TOOLS: readonly Tool[] = [
  next,
  addExperiment,
  check,
  launch,
  wait,
  status,
  logs,
  cancel,
  ...LOOKING_TOOLS,
  verify,
  extract,
];
