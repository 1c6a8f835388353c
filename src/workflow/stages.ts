import type { KnownStage } from '../project/state.ts';

/**
 * The workflow as one table: who does a stage, what it reads, what it must leave, where it can lead, and the command that
 * does it. `next`, `advance`, `render`, `run` and the page in the docs read it. Pure.
 */

/** The author designs and writes code, the reviewer decides, autolab does the rest. */
export type Who = 'author' | 'reviewer' | 'autolab';

export interface StageRow {
  readonly who: Who;
  /** An imperative and its object. */
  readonly does: string;
  /** Relative to the root, with `{{iteration_id}}` and `{{run_id}}`. */
  readonly reads: readonly string[];
  /** The same; the stage is not done before they are there and valid. */
  readonly leaves: readonly string[];
  /** The usual next stage first; empty at the end. */
  readonly leads: readonly KnownStage[];
  /** One line for a shell that does the stage; what the user fills in is in capitals. Null at the end. */
  readonly command: string | null;
  /** Relative to `templates/`. */
  readonly template: string;
}

const BACKLOG = '.autolab/backlog.yaml';
const ENVIRONMENT = 'docs/environment.md';
const ITERATION = 'experiments/{{iteration_id}}';
const DESIGN = `${ITERATION}/design.yaml`;
const REVIEW = `${ITERATION}/review_result.json`;
const MANIFEST = `${ITERATION}/runs/{{run_id}}/run_manifest.json`;
const ANALYSIS = `${ITERATION}/analysis/{{run_id}}.json`;
const SUMMARY = `${ITERATION}/summary.md`;
const UPDATE = `${ITERATION}/docs_update.md`;
const DECISION = `${ITERATION}/decision_result.json`;
const RESULTS = 'docs/results.md';
const ADVANCE = 'autolab advance';
const DECIDE = 'autolab decide repeat|next|stop --by WHO --note TEXT';

export const STAGE_TABLE = {
  hypothesis: {
    who: 'author',
    does: 'state what is to be shown, and how it is measured',
    reads: [BACKLOG],
    leaves: [BACKLOG],
    leads: ['design', 'human_review'],
    command: ADVANCE,
    template: 'stages/hypothesis.md',
  },
  design: {
    who: 'author',
    does: 'design the experiment: command, resources, artifacts, metrics',
    reads: [BACKLOG],
    leaves: [DESIGN],
    leads: ['implementation', 'human_review'],
    command: ADVANCE,
    template: 'stages/design.md',
  },
  implementation: {
    who: 'author',
    does: 'write the code and the environment that the design asks for',
    reads: [DESIGN, ENVIRONMENT],
    leaves: [DESIGN, ENVIRONMENT],
    leads: ['implementation_review', 'human_review'],
    command: ADVANCE,
    template: 'stages/implementation.md',
  },
  implementation_review: {
    who: 'reviewer',
    does: 'check design and code, and approve or reject them',
    reads: [DESIGN, ENVIRONMENT],
    leaves: [REVIEW],
    leads: ['launch', 'implementation', 'human_review'],
    command: 'autolab approve --by WHO',
    template: 'stages/implementation_review.md',
  },
  launch: {
    who: 'autolab',
    does: 'run the approved experiment once, and verify what it left',
    reads: [DESIGN, REVIEW, ENVIRONMENT, BACKLOG],
    leaves: [MANIFEST],
    leads: ['extract_results', 'design', 'implementation', 'implementation_review', 'human_review'],
    command: 'autolab launch',
    template: 'project/stage_launch.md',
  },
  extract_results: {
    who: 'autolab',
    does: 'read the metrics of the run, and compare them with baselines and target',
    reads: [DESIGN, MANIFEST, BACKLOG],
    leaves: [ANALYSIS, SUMMARY],
    leads: ['update_docs', 'human_review'],
    command: 'autolab extract',
    template: 'stages/extract_results.md',
  },
  update_docs: {
    who: 'autolab',
    does: 'bring the table of results up to date',
    reads: [ANALYSIS],
    leaves: [RESULTS, UPDATE],
    leads: ['decide_repeat', 'human_review'],
    command: 'autolab document',
    template: 'stages/update_docs.md',
  },
  decide_repeat: {
    who: 'reviewer',
    does: 'decide whether to repeat, to go to the next experiment, or to stop',
    reads: [ANALYSIS, SUMMARY, RESULTS],
    leaves: [DECISION],
    leads: ['stop', 'design', 'implementation', 'launch', 'human_review'],
    command: DECIDE,
    template: 'stages/decide_repeat.md',
  },
  human_review: {
    who: 'reviewer',
    does: 'decide what to do after all attempts were used up',
    reads: ['.autolab/agent_result.json'],
    leaves: [],
    leads: ['launch', 'extract_results', 'stop'],
    command: 'autolab review pass|retry|stop --by WHO --note TEXT',
    template: 'stages/human_review.md',
  },
  stop: {
    who: 'reviewer',
    does: 'nothing: the work has ended',
    reads: [],
    leaves: [],
    leads: [],
    command: null,
    template: 'stages/stop.md',
  },
} as const satisfies Readonly<Record<KnownStage, StageRow>>;

/** Null for a stage that only the workflow around autolab knows. */
export function stageRow(stage: string): StageRow | null {
  return Object.hasOwn(STAGE_TABLE, stage) ? STAGE_TABLE[stage as KnownStage] : null;
}

/** The command that does a stage; null at the end, and for a stage that autolab does not know. */
export function commandOfStage(stage: string): string | null {
  return stageRow(stage)?.command ?? null;
}
