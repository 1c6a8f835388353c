import * as z from 'zod';
import { checkIgnorePattern } from '../code/ignore-pattern.ts';
import { DEFAULT_RUN_TREE, type RunTree } from '../code/run-tree.ts';
import { type CodeScope, DEFAULT_CODE_SCOPE } from '../code/scope.ts';
import { parsed } from '../documents/located.ts';
import { notesFor } from '../documents/notes.ts';
import { shape, unlessUsed, unusedParts } from '../documents/shape.ts';
import { yamlDocument } from '../documents/yaml-document.ts';
import type { Drafted } from '../errors/problem.ts';
import { checked, emptyIsAbsent } from './fields.ts';
import { NOTIFY_KEYS, type NotifyConfig, notifyOf, notifySchema } from './notify-config.ts';
import { checkSetup } from './profiles.ts';
import { REVIEW_KEYS } from './review-keys.ts';
import {
  type CheckSettings,
  DEFAULT_CHECKS,
  DEFAULT_REVIEW,
  type ReviewSettings,
  withReviewDefaults,
} from './review-settings.ts';
import { RUN_TREE_KEYS } from './run-tree-keys.ts';

/** `.autolab/launch.yaml`: autolab's settings. Optional; everything has a default. */

export const LAUNCH_CONFIG_FILE = '.autolab/launch.yaml';

export interface LaunchConfig {
  /** `auto`, or a mode that overrides detection. */
  readonly host_mode: 'auto' | 'local' | 'slurm';
  /** How often the queue is asked: soon at first, then less and less often. */
  readonly poll: { readonly min_seconds: number; readonly max_seconds: number };
  /** How long accounting may lag behind the end of a job. */
  readonly confirm: { readonly timeout_seconds: number };
  readonly submit: {
    /** Submit held, and release once the job id is recorded. */
    readonly hold: boolean;
    /** How long autolab looks for a job without a clear answer before it counts as never submitted. */
    readonly reconcile_seconds: number;
    /** Elements of one job array at most; null for as many as the site allows. */
    readonly chunk_tasks: number | null;
  };
  /** Shell commands that make Slurm's commands available on this host; for designs with location slurm. */
  readonly setup: string | null;
  readonly require_clean_tree: boolean;
  /** Which files are code, and where a run has them. */
  readonly code: CodeScope & RunTree;
  readonly local: {
    /** Let the kernel keep a local run within `compute.memory`; refuse the launch if it cannot. */
    readonly enforce_memory: boolean;
  };
  /** Keep the run's scratch folder after the run. */
  readonly keep_temporary: boolean;
  /** Make the page of a run when it has ended. */
  readonly report: boolean;
  /** Whom autolab informs of the end of a run; null for nobody. */
  readonly notify: NotifyConfig | null;
  /** Who may approve. */
  readonly review: ReviewSettings;
  /** What `approve` runs besides its own checks. */
  readonly checks: CheckSettings;
}

export const DEFAULT_LAUNCH_CONFIG: LaunchConfig = {
  host_mode: 'auto',
  poll: { min_seconds: 5, max_seconds: 300 },
  confirm: { timeout_seconds: 300 },
  submit: { hold: true, reconcile_seconds: 60, chunk_tasks: null },
  setup: null,
  require_clean_tree: false,
  code: { ...DEFAULT_CODE_SCOPE, ...DEFAULT_RUN_TREE },
  local: { enforce_memory: false },
  keep_temporary: false,
  report: true,
  notify: null,
  review: DEFAULT_REVIEW,
  checks: DEFAULT_CHECKS,
};

const seconds = z.number().min(1).max(86_400);
const tasks = z.number().int().min(1).max(100_000);

const schema = z.object({
  host_mode: emptyIsAbsent(z.enum(['auto', 'local', 'slurm'])),
  poll: z.object({ min_seconds: seconds.nullish(), max_seconds: seconds.nullish() }).nullish(),
  confirm: z.object({ timeout_seconds: seconds.nullish() }).nullish(),
  submit: z
    .object({ hold: z.boolean().nullish(), reconcile_seconds: seconds.nullish(), chunk_tasks: tasks.nullish() })
    .nullish(),
  setup: emptyIsAbsent(checked(checkSetup)),
  require_clean_tree: z.boolean().nullish(),
  code: z
    .object({
      scope: emptyIsAbsent(z.enum(['repository', 'project'])),
      ignore: z.array(checked(checkIgnorePattern)).nullish(),
      ...RUN_TREE_KEYS,
    })
    .nullish(),
  local: z.object({ enforce_memory: z.boolean().nullish() }).nullish(),
  keep_temporary: z.boolean().nullish(),
  report: z.boolean().nullish(),
  notify: notifySchema,
  ...REVIEW_KEYS,
});

/** These parts are for runs with a scheduler. */
const FOR_A_SCHEDULER = ['/poll', '/confirm', '/submit', '/setup'];

/** Misspelled, these would change what runs, or what is required of it. */
const DECISIVE = [
  ...['host_mode', 'setup', 'require_clean_tree', 'code', 'local', 'local.enforce_memory'],
  ...['code.scope', 'code.ignore', 'code.run_from', 'code.link'],
  // Misspelled, it would leave somebody waiting.
  ...NOTIFY_KEYS,
  ...['review', 'review.signers', 'review.four_eyes', 'checks', 'checks.tests', 'checks.timeout_seconds'],
];

const EXAMPLES = { 'checks.tests': 'a list of words, such as [python, -m, pytest]' };

/**
 * Reads the settings. A file with only comments keeps every default; an empty file is a problem, since its content may
 * be lost. `onlyHere`: the run needs no scheduler.
 */
export function parseLaunchConfig(text: string, file: string, onlyHere = false): Drafted<LaunchConfig> {
  const document = yamlDocument(text, file, { emptyIsMapping: true });
  const unused = unusedParts(onlyHere ? FOR_A_SCHEDULER : []);
  const read = shape(document, schema, EXAMPLES, DECISIVE, unused);
  if (read.draft === null) return { ...parsed<LaunchConfig>(file, null, read.problems), draft: null };
  const draft = withDefaults(read.draft);
  const notes = notesFor(document);
  if (draft.poll.min_seconds > draft.poll.max_seconds) {
    notes.error('/poll/min_seconds', 'value.conflict', 'is more than `poll.max_seconds`; swap them');
  }
  const problems = [...read.problems, ...notes.problems.map((problem) => unlessUsed(problem, unused))];
  return { ...parsed(file, read.value === null ? null : draft, problems), draft };
}

function withDefaults({
  poll,
  confirm,
  submit,
  code,
  local,
  review,
  checks,
  ...flat
}: z.infer<typeof schema>): LaunchConfig {
  const base = DEFAULT_LAUNCH_CONFIG;
  return {
    host_mode: flat.host_mode ?? base.host_mode,
    poll: pollOf(poll),
    confirm: { timeout_seconds: confirm?.timeout_seconds ?? base.confirm.timeout_seconds },
    submit: submitOf(submit),
    setup: flat.setup ?? base.setup,
    require_clean_tree: flat.require_clean_tree ?? base.require_clean_tree,
    code: codeOf(code),
    local: { enforce_memory: local?.enforce_memory ?? base.local.enforce_memory },
    keep_temporary: flat.keep_temporary ?? base.keep_temporary,
    report: flat.report ?? base.report,
    notify: notifyOf(flat.notify),
    ...withReviewDefaults({ review, checks }),
  };
}

function submitOf(submit: z.infer<typeof schema>['submit']): LaunchConfig['submit'] {
  const base = DEFAULT_LAUNCH_CONFIG.submit;
  return {
    hold: submit?.hold ?? base.hold,
    reconcile_seconds: submit?.reconcile_seconds ?? base.reconcile_seconds,
    chunk_tasks: submit?.chunk_tasks ?? base.chunk_tasks,
  };
}

function codeOf(code: z.infer<typeof schema>['code']): LaunchConfig['code'] {
  const base = DEFAULT_LAUNCH_CONFIG.code;
  return {
    scope: code?.scope ?? base.scope,
    ignore: code?.ignore ?? base.ignore,
    run_from: code?.run_from ?? base.run_from,
    link: code?.link ?? base.link,
  };
}

/** A limit that is left out adapts to the one that is given. */
function pollOf(poll: z.infer<typeof schema>['poll']): LaunchConfig['poll'] {
  const base = DEFAULT_LAUNCH_CONFIG.poll;
  return {
    min_seconds: poll?.min_seconds ?? Math.min(base.min_seconds, poll?.max_seconds ?? Infinity),
    max_seconds: poll?.max_seconds ?? Math.max(base.max_seconds, poll?.min_seconds ?? 0),
  };
}
