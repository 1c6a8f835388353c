import { RUN, type Verb } from './verb.ts';

/** The verbs that show what runs came to. */
export const LOOK_VERBS: readonly Verb[] = [
  {
    name: 'show',
    group: 'Inspect',
    summary: 'show a run on one screen',
    description:
      'Show a run on one screen: verdict, command, commit, times, resources, metrics against baselines, artifacts, and the command that follows. Reads the record alone.',
    operands: [RUN],
    examples: ['autolab show', 'autolab show 20261124T031500Z_3fa9c1'],
  },
  {
    name: 'runs',
    group: 'Inspect',
    summary: 'list the runs of the project',
    description:
      'List the runs of the current iteration: outcome, time queued and running, primary metric and how far it is ahead of the strongest baseline, the arguments that differ, commit.',
    options: [
      { flags: '--all', description: 'list the runs of all iterations, also in linked work trees of git' },
      {
        flags: '--where <condition>',
        repeated: true,
        description:
          'list only runs that meet KEY=VALUE (also !=, >, <, >=, <=): a column, an argument or a metric; repeated, all',
      },
      {
        flags: '--sort <key>',
        description: 'sort by a metric, best first, or by another column, upwards; -KEY reverses',
      },
      { flags: '--csv', description: 'print comma-separated values' },
    ],
    examples: ['autolab runs --all', "autolab runs --where status=completed --where 'accuracy>0.9' --sort accuracy"],
  },
  {
    name: 'tasks',
    group: 'Inspect',
    summary: 'list the tasks of a run',
    description:
      'List the tasks of a run that has many: parameters, state, attempts, time running, primary metric. Of an open run: what its receipts say now.',
    operands: [RUN],
    options: [
      { flags: '--failed', description: 'list only tasks that ended and did not complete' },
      {
        flags: '--sort <key>',
        description: 'sort by a metric, best first, or by a parameter or another column, upwards; -KEY reverses',
      },
      { flags: '--csv', description: 'print comma-separated values' },
    ],
    examples: ['autolab tasks --failed', 'autolab tasks --sort accuracy'],
  },
  {
    name: 'compare',
    group: 'Inspect',
    summary: 'show what differs between runs',
    description:
      'Show what differs between two runs or more: metrics, design, code, environment, inputs, usage, end; and whether their fingerprints are equal.',
    operands: [{ usage: '<run...>', description: 'each RUN or ITERATION/RUN', complete: 'run' }],
    options: [{ flags: '--html [file]', description: 'write a page to this file (default: stdout)', complete: 'file' }],
    examples: ['autolab compare 20261124T031500Z_3fa9c1 20261125T101500Z_77aa01'],
  },
  {
    name: 'advise',
    group: 'Inspect',
    summary: 'advise on time, memory and CPUs from what runs used',
    description:
      'Advise on time, memory and CPUs of the current design from the runs of the same program in the same place, whatever their arguments, and name the line to edit. Writes nothing.',
    examples: ['autolab advise', 'autolab advise --json'],
  },
];
