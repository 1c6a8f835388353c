import { BY, type Verb } from './verb.ts';

/** The stages, in the order of the workflow; a test compares them with the table. */
export const STAGE_NAMES = [
  'hypothesis',
  'design',
  'implementation',
  'implementation_review',
  'launch',
  'extract_results',
  'update_docs',
  'decide_repeat',
  'human_review',
  'stop',
] as const;

/** The verbs that move the workflow from stage to stage; `verbs.ts` has the others. */
export const WORKFLOW_VERBS: readonly Verb[] = [
  {
    name: 'next',
    group: 'Workflow',
    summary: 'show whose turn it is, and the command that continues',
    examples: ['autolab next', 'autolab next --json'],
  },
  {
    name: 'advance',
    group: 'Workflow',
    summary: 'check what the current stage must leave, and move on',
    description:
      'Check that what the current stage must leave is there and valid, and move the workflow to the next stage. Stages of a reviewer, and the launch, have commands of their own.',
    options: [{ flags: '--by <who>', description: 'record who did the stage' }],
    examples: ['autolab advance', 'autolab advance --by ada'],
  },
  {
    name: 'approve',
    group: 'Workflow',
    summary: 'check the experiment, approve it, and move on to the launch',
    description:
      'Run the required checks (tests, dry_run, schema, env_smoke, docs_target_update), show what is approved, and write review_result.json with its digests. A failed check sends the experiment back.',
    options: [
      { flags: '--by <who>', description: 'record who approves', required: true },
      { flags: '--note <text>', description: 'record why' },
      { flags: '--yes', description: 'do not ask; needed without a terminal' },
      {
        flags: '--key <file>',
        description: "sign with this ssh key (default: git's user.signingkey, else the agent's); see review: {signers}",
        complete: 'file',
      },
    ],
    examples: ['autolab approve --by ada', 'autolab approve --by ada@lab --key ~/.ssh/id_ed25519 --yes'],
  },
  {
    name: 'reject',
    group: 'Workflow',
    summary: 'send the experiment back to the implementation',
    options: BY,
    examples: ['autolab reject --by ada --note "the seed is not fixed"'],
  },
  {
    name: 'focus',
    group: 'Workflow',
    summary: 'make another experiment the current one',
    description:
      'Make another experiment the current one, at the stage at which it was left. Refused while a run is active.',
    operands: [{ usage: '<id>', description: 'an experiment of .autolab/backlog.yaml, or its iteration' }],
    options: [{ flags: '--by <who>', description: 'record who decides' }],
    examples: ['autolab focus e2'],
  },
  {
    name: 'extract',
    group: 'Workflow',
    summary: 'read the metrics of a run, and compare them with baselines and target',
    description:
      'Read the metrics that the design declares from the record of the last run, compare them with baselines and target, and move on. With RUN: write the analysis of any completed run, and leave the stage as it is.',
    operands: [
      {
        usage: '[run]',
        description: 'RUN or ITERATION/RUN (default: the last run, whose stage it is)',
        complete: 'run',
      },
    ],
    examples: ['autolab extract', 'autolab extract 20261124T031500Z_3fa9c1'],
  },
  {
    name: 'document',
    group: 'Workflow',
    summary: 'bring the table of results in docs/results.md up to date',
    description:
      'Bring the table of results in docs/results.md up to date, and move on. Only what is between its two marks is written; called again, it changes nothing.',
    examples: ['autolab document'],
  },
  {
    name: 'decide',
    group: 'Workflow',
    summary: 'decide what follows from the results: repeat, next or stop',
    description:
      'Decide what follows from the results. repeat: the same experiment once more, from a stage on. next: another experiment. stop: close the experiment. `autolab next` suggests one, with reasons.',
    operands: [
      { usage: '<decision>', description: 'repeat, next or stop', complete: ['repeat', 'next', 'stop'] },
      { usage: '[id]', description: 'the experiment that is next (default: the next one that is open)' },
    ],
    options: [
      {
        flags: '--at <stage>',
        description: 'repeat from design, implementation or launch (default)',
        complete: ['design', 'implementation', 'launch'],
      },
      ...BY,
    ],
    examples: [
      'autolab decide stop --by ada --note "the target is met"',
      'autolab decide repeat --at design --by ada --note "a larger model"',
    ],
  },
  {
    name: 'mcp',
    group: 'Workflow',
    summary: 'serve agents over stdio (Model Context Protocol)',
    description:
      'Serve agents over stdio, by the Model Context Protocol. An agent can design, check, launch what a reviewer approved, wait and read; it cannot approve, reject or decide. Ends when its client leaves; runs continue.',
    examples: ['autolab mcp', 'autolab -C ~/my-project mcp'],
  },
  {
    name: 'run',
    group: 'Workflow',
    summary: 'do every stage that needs no person, one after another',
    description:
      'Do every stage that needs no person, one after another: autolab does its own, and the agent of .autolab/agent.yaml those that it may do. Stop at the first stage that is not done, and where a person decides.',
    options: [
      {
        flags: '--until <stage>',
        description: 'stop when the workflow is at this stage, without doing it',
        complete: STAGE_NAMES,
      },
    ],
    examples: ['autolab run', 'autolab run --until launch'],
  },
];
