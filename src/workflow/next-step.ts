import type { Problem } from '../errors/problem.ts';
import { quotePosix } from '../platform/quoting.ts';
import { ANOTHER, type Choice, choicesAt, FAILED_ONLY, REPEAT_RUN, unknownStage } from './choices.ts';
import { stageRow, type Who } from './stages.ts';

/** What the workflow waits for at a stage: who does it, and the command. Pure. */

export interface NextStep {
  /** One sentence. */
  readonly message: string;
  /** Null if it is nobody's turn that autolab knows. */
  readonly who: Who | 'agent' | null;
  /** One line for a shell; what the user fills in is WHO, TEXT and ID. */
  readonly next_command: string | null;
  readonly alternatives: readonly Choice[];
  /** What stands in the way. */
  readonly problems: readonly Problem[];
}

/** What is known of the project at a stage; no run is active. */
export interface StageFacts {
  readonly stage: string;
  /** What the stage must leave and has not, or what stands in the way of it. */
  readonly problems: readonly Problem[];
  /** The state names no experiment, or one that the backlog does not have. */
  readonly noExperiment: boolean;
  /** The ids of other experiments that are not closed. */
  readonly others: readonly string[];
  /** Re-opens the experiment; null if it is not closed. */
  readonly reopen: string | null;
  /** The experiment has a recorded run. */
  readonly ran: boolean;
  /** It ended without all of its tasks. */
  readonly leavesTasks: boolean;
  /** Its outputs are here and verified. */
  readonly synced: boolean;
  /** What the results suggest to a reviewer, with the reasons; null if nothing does. */
  readonly suggested: Choice | null;
  readonly against: AgainstLaunch;
  /** Why the results of the run cannot be read; null if they can, or if there are none yet. */
  readonly unread: string | null;
  /** `.autolab/agent.yaml` lets an agent do the stage. */
  readonly agent: boolean;
  /** A reviewer is asked because the repetitions are used up. */
  readonly repeatsUsedUp: boolean;
}

/** What a launch would be refused for, as far as the documents say. */
export interface AgainstLaunch {
  /** A document has errors. */
  readonly documents: boolean;
  /** The review has not passed, or approves something else. */
  readonly review: boolean;
  /** Tasks that come before a launch are open. */
  readonly tasks: boolean;
}

const TURNS: Readonly<Record<Who, string>> = {
  author: 'the author has to',
  reviewer: 'a reviewer has to',
  autolab: 'autolab can',
};
/** More do not help to choose. */
const MOST_OTHERS = 5;

export function stepAt(facts: StageFacts): NextStep {
  const { stage, problems, noExperiment, reopen } = facts;
  const row = stageRow(stage);
  if (row === null)
    return {
      message: `The workflow is at ${stage}. ${unknownStage(stage)}`,
      who: null,
      next_command: null,
      alternatives: [],
      problems,
    };
  if (stage === 'stop') return ended(facts);
  const message = `The workflow is at ${stage}: ${TURNS[row.who]} ${row.does}.`;
  if (reopen !== null) return closed(facts, reopen);
  if (noExperiment)
    return {
      ...chosen([{ command: ANOTHER, when: 'nothing is planned yet' }, ...focusing(facts)], firstOf(facts, message)),
      who: 'author',
      problems,
    };
  if (stage === 'launch') return launching(facts, message);
  if (facts.unread !== null) return unreadable(facts, facts.unread);
  const usual = usualChoices(facts, row.who);
  if (facts.repeatsUsedUp) {
    const choices = usual.filter(({ command }) => !command.startsWith('autolab review pass'));
    const words = `The workflow is at ${stage}: the repetitions that max_total_iterations allows are used up, and a reviewer has to decide.`;
    return { ...chosen(choices, words), who: row.who, problems };
  }
  if (!facts.agent) return { ...chosen(usual, `${message}${becauseOf(facts)}`), who: row.who, problems };
  const run = { command: 'autolab run', when: 'the agent does it' };
  return {
    ...chosen([run, ...usual], `The workflow is at ${stage}: the agent can ${row.does}.`),
    who: 'agent',
    problems,
  };
}

function becauseOf({ suggested }: StageFacts): string {
  return suggested === null ? '' : ` What speaks for the first command: ${suggested.when}.`;
}

function usualChoices({ stage, problems, synced, suggested }: StageFacts, who: Who): readonly Choice[] {
  if (who === 'author' && problems.length > 0)
    return [
      { command: `autolab render --stage ${stage} --stdout`, when: 'it says what the stage must leave' },
      { command: 'autolab advance', when: 'the problems are fixed' },
    ];
  const choices = choicesAt(stage).filter(({ command }) => synced || !command.startsWith('autolab review pass'));
  if (suggested === null) return choices;
  const kind = suggested.command.split(' ', 3).join(' ');
  return [suggested, ...choices.filter(({ command }) => !command.startsWith(kind))];
}

function chosen(
  [first, ...alternatives]: readonly Choice[],
  message: string,
): Pick<NextStep, 'message' | 'next_command' | 'alternatives'> {
  return { message, next_command: first?.command ?? null, alternatives };
}

function firstOf({ others, ran }: StageFacts, message: string): string {
  return others.length > 0 || ran ? message : `There is no experiment yet: ${ANOTHER} -- COMMAND`;
}

function unreadable({ stage, problems }: StageFacts, why: string): NextStep {
  const choices = [
    { command: 'autolab extract', when: 'the file or the design is corrected' },
    { command: REPEAT_RUN, when: 'the run itself is wrong' },
  ];
  const message = `The workflow is at ${stage}, and the results cannot be read: ${why}`;
  return { ...chosen(choices, message), who: 'author', problems };
}

function focusing({ others }: StageFacts): readonly Choice[] {
  return others.slice(0, MOST_OTHERS).map((id) => ({
    command: `autolab focus ${quotePosix(id)}`,
    when: 'an experiment that is there already',
  }));
}

function ended(facts: StageFacts): NextStep {
  const again = facts.ran ? [{ command: 'autolab rerun --by WHO', when: 'the same experiment once more' }] : [];
  const once = facts.reopen === null ? again : [{ command: facts.reopen, when: 'it was closed by mistake' }];
  const choices = [...focusing(facts), { command: ANOTHER, when: 'another question' }, ...once];
  return { ...chosen(choices, 'The work on this experiment has ended.'), who: 'author', problems: facts.problems };
}

function closed(facts: StageFacts, reopen: string): NextStep {
  const choices = [
    { command: reopen, when: 'it was closed by mistake' },
    ...focusing(facts),
    { command: ANOTHER, when: 'another question' },
  ];
  const message = `The workflow is at ${facts.stage}, and the experiment is closed.`;
  return { ...chosen(choices, message), who: 'reviewer', problems: facts.problems };
}

const LAUNCH = 'autolab launch';
const DRY_RUN = 'autolab launch --dry-run';

function launching({ against, problems, leavesTasks }: StageFacts, message: string): NextStep {
  if (against.documents) {
    const choices = [
      { command: DRY_RUN, when: 'it checks again' },
      { command: LAUNCH, when: 'the problems are fixed' },
    ];
    return { ...chosen(choices, 'The workflow is at launch, and documents have errors.'), who: 'author', problems };
  }
  if (against.review) {
    const choices = [
      ...choicesAt('implementation_review'),
      { command: DRY_RUN, when: 'to see all that stands in the way' },
    ];
    return {
      ...chosen(choices, 'The workflow is at launch, and the experiment is not approved as it is.'),
      who: 'reviewer',
      problems,
    };
  }
  if (against.tasks) {
    const choices = [
      { command: 'autolab todo list', when: 'to see the tasks' },
      { command: LAUNCH, when: 'they are done' },
      { command: `${LAUNCH} --allow-open-todo`, when: 'they can wait' },
    ];
    return {
      ...chosen(choices, 'The workflow is at launch, and tasks that come first are open.'),
      who: 'author',
      problems,
    };
  }
  const choices = [
    { command: LAUNCH, when: 'now' },
    ...(leavesTasks ? [FAILED_ONLY] : []),
    { command: DRY_RUN, when: 'to see plan and script first' },
  ];
  return { ...chosen(choices, message), who: 'autolab', problems };
}
