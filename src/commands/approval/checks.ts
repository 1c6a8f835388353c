import { hasErrors } from '../../documents/located.ts';
import type { Code } from '../../errors/catalog.ts';
import { type Failure, failureOf } from '../../errors/failure.ts';
import { type Problem, whereOf } from '../../errors/problem.ts';
import type { Emit } from '../../events/events.ts';
import { executorOf } from '../../executors/table.ts';
import { badNames } from '../../plan/bad-names.ts';
import { judgeGate } from '../../plan/gate.ts';
import { judgeLaunch } from '../../plan/judge.ts';
import type { Look } from '../../plan/look.ts';
import { newRunId } from '../../platform/ids.ts';
import { besides } from '../../platform/listing.ts';
import { quoteArgv } from '../../platform/quoting.ts';
import { now } from '../../platform/time.ts';
import { reviewFileOf } from '../../project/read.ts';
import type { OpenedData } from '../../records/run-data.ts';
import type { Objection } from '../../run/objection.ts';
import { consequenceOf } from '../../run/outcome.ts';
import type { ApprovalCheck } from './check-outcome.ts';
import { checkDocsTarget } from './docs-target.ts';
import { smokeTest } from './env-smoke.ts';
import { runTests } from './run-tests.ts';

/** The required checks of a review, as `approve` runs them. */

export interface Checked {
  readonly checks: readonly ApprovalCheck[];
  /** Of the documents, the prompt and the script; without those of the review, which is about to be written. */
  readonly problems: readonly Problem[];
  /** What would be launched; null if something stands against it. */
  readonly opened: OpenedData | null;
}

/** What is wrong with a document, a template or a script; anything else is found by planning the launch. */
const OF_DOCUMENTS: readonly Code[] = [
  'design.invalid',
  'design.id_mismatch',
  'environment.invalid',
  'config.invalid',
  'prompt.invalid',
  'script.too_long',
  'script.invalid',
];

/** Trouble of the machine, the shell, git or the site says nothing about the experiment: it is returned as itself. */
export async function runChecks(root: string, look: Look, emit: Emit): Promise<Checked | Failure> {
  const unreviewed = withoutReview(look);
  const judged = await judgeLaunch(root, unreviewed, { runId: newRunId(now()), allowOpenTodo: true });
  const { opened } = judged;
  const problems = [...judged.problems, ...badNames(look.code.lookup)];
  const invalid = judged.objections.filter(({ code }) => OF_DOCUMENTS.includes(code));
  const against = judged.objections.filter(({ code }) => !OF_DOCUMENTS.includes(code));
  const trouble = against.filter(({ code }) => isTrouble(code));
  if (invalid.length === 0 && trouble.length > 0) return judgeGate(trouble, problems) ?? failureOf('internal');
  const planned = await dryRun(root, { invalid, against, opened });
  if ('code' in planned) return planned;
  if (look.project.environment !== null && invalid.length === 0)
    emit({ type: 'note', message: `Running the activation of docs/environment.md in a fresh shell.` });
  const smoked = await smokeTest(root, look);
  if ('code' in smoked && invalid.length === 0) return smoked;
  const smoke: ApprovalCheck = 'code' in smoked ? { name: 'env_smoke', result: 'skip', words: smoked.message } : smoked;
  const { tests, timeout_seconds: seconds } = look.project.config.checks;
  if (tests !== null) emit({ type: 'note', message: `Running the tests (at most ${seconds} s): ${quoteArgv(tests)}` });
  return {
    checks: [
      await runTests(root, look.project.config.checks),
      planned,
      schemaCheck(invalid, problems),
      smoke,
      checkDocsTarget(root),
    ],
    problems,
    opened,
  };
}

/** The same look without a review, which is what the checks are for. */
function withoutReview(look: Look): Look {
  const { project, guarded } = look;
  const file = reviewFileOf(guarded.state.iteration_id);
  return {
    ...look,
    stale: [],
    unsigned: [],
    project: {
      ...project,
      review: null,
      problems: project.problems.filter((problem) => problem.file !== file),
      failedCodes: project.failedCodes.filter((code) => code !== 'review.missing'),
    },
  };
}

function isTrouble(code: Code): boolean {
  return ['host', 'shell', 'site', 'git', 'autolab'].includes(consequenceOf(code).owner);
}

function schemaCheck(invalid: readonly Objection[], problems: readonly Problem[]): ApprovalCheck {
  const name = 'schema';
  const errors = problems.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (hasErrors(problems) && first !== undefined)
    return { name, result: 'fail', words: `${whereOf(first)}: ${first.message}${besides(errors.length - 1)}` };
  const [objection] = invalid;
  if (objection !== undefined) return { name, result: 'fail', words: objection.message };
  const warnings = problems.length === 0 ? '' : `, with ${problems.length} warning(s)`;
  return { name, result: 'pass', words: `documents, prompt and script are valid${warnings}` };
}

interface Judgement {
  readonly invalid: readonly Objection[];
  readonly against: readonly Objection[];
  readonly opened: OpenedData | null;
}

/** What `launch --dry-run` does, with the site's opinion. */
async function dryRun(root: string, { invalid, against, opened }: Judgement): Promise<ApprovalCheck | Failure> {
  const name = 'dry_run';
  if (against.length > 0) {
    const hint = against.find((objection) => objection.hint !== undefined)?.hint;
    const words = against.map(({ message }) => message).join(' ');
    return { name, result: 'fail', words, ...(hint === undefined ? {} : { hint }) };
  }
  if (invalid.length > 0 || opened === null) return { name, result: 'skip', words: 'it needs valid documents' };
  const site = await executorOf(opened).askSite(root, opened, []);
  if (site === null) return { name, result: 'pass', words: 'planned' };
  const { refusal, unknown } = site;
  if (refusal !== null) return isTrouble(refusal.code) ? refusal : { name, result: 'fail', words: refusal.message };
  return unknown === null
    ? { name, result: 'pass', words: 'planned, and the site would accept it' }
    : { name, result: 'pass', words: `planned; whether the site would accept it is unknown (${unknown})` };
}
