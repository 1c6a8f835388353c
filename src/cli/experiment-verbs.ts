import { type Verb, WAITING } from './verb.ts';

/** The verbs that make experiments. */

export const EXPERIMENT_VERBS: readonly Verb[] = [
  {
    name: 'new',
    group: 'Workflow',
    summary: 'add an experiment: its design, and its entry in the backlog',
    description:
      "Add an experiment: its design, and its entry in the backlog. What follows `--` is the run's command, word for word.",
    operands: [{ usage: '<id>', description: 'its name, and that of its folder under experiments/' }],
    command: true,
    options: [
      {
        flags: '--on <where>',
        description: 'run it here or as a job: local or slurm (default: what this host has)',
        complete: ['local', 'slurm'],
      },
      { flags: '--time <limit>', description: 'limit its time: minutes, HH:MM:SS or D-HH:MM; a job needs it' },
      { flags: '--memory <amount>', description: 'request memory per node, such as 8G; a job needs it' },
      { flags: '--cpus <number>', description: 'request CPUs per task' },
      { flags: '--gpus <number>', description: 'request GPUs per node' },
      { flags: '--gpu-type <name>', description: 'request GPUs of this type' },
      { flags: '--nodes <number>', description: 'request nodes' },
      { flags: '--ntasks <number>', description: 'start the command that many times' },
      { flags: '--partition <name>', description: 'use this partition' },
      { flags: '--qos <name>', description: 'use this quality of service' },
      { flags: '--account <name>', description: 'charge this account' },
      { flags: '--constraint <features>', description: 'request nodes with these features' },
      {
        flags: '--compute <key=value>',
        repeated: true,
        description: 'set another key of compute, such as nodelist=n1',
      },
      {
        flags: '--metric <name>',
        repeated: true,
        description: 'name the metric to judge by: NAME:max or NAME:min; then others',
      },
      { flags: '--metrics-file <file>', description: "read metrics from this file of the run's folder (metrics.json)" },
      { flags: '--baseline <name=value>', repeated: true, description: 'compare that metric with this value' },
      { flags: '--artifact <path>', repeated: true, description: "require this file in the run's folder at the end" },
      {
        flags: '--input <path>',
        repeated: true,
        description: 'record and compare these data: a file, a folder, a pattern',
      },
      {
        flags: '--grid <name=values>',
        repeated: true,
        description: 'run a task for each value, such as seed=0,1,2; of several, for all combinations',
      },
      {
        flags: '--list <file>',
        description: 'run a task for each line of a .csv, .tsv or .jsonl file',
        complete: 'file',
      },
      { flags: '--max-parallel <number>', description: 'run at most so many tasks at the same time' },
      { flags: '--max-failures <number>', description: 'start no more tasks after so many failures' },
      { flags: '--workers <number>', description: 'let so many jobs share the tasks, for short ones' },
      { flags: '--hypothesis <text>', description: 'state what you expect, or name a hypothesis of the backlog' },
      {
        flags: '--success-metric <name>',
        description: 'measure the hypothesis by this metric (default: that of --metric)',
      },
      { flags: '--target-delta <number>', description: 'expect it to be this much better than the baseline' },
      { flags: '--from <id>', description: "take this experiment's design; other options change it" },
      { flags: '--init', description: 'create the project first if there is none' },
      { flags: '--by <who>', description: 'record who asks for it; with --launch, who approves it' },
      { flags: '--note <text>', description: 'record why' },
      { flags: '--key <file>', description: 'sign the approval of --launch with this ssh key', complete: 'file' },
      { flags: '--launch', description: 'approve it and launch it, too' },
      ...WAITING,
    ],
    examples: [
      "autolab new lr-sweep --on slurm --time 1:00:00 --memory 8G --gpus 1 --metric accuracy:max -- python train.py --lr 0.1 --out '{{run_dir}}'",
      "autolab new sweep --grid seed=0,1,2 --grid lr=0.1,0.01 --artifact metrics.json -- python train.py --seed '{{task.seed}}' --lr '{{task.lr}}' --out '{{task_dir}}'",
      'autolab new longer --from lr-sweep --time 4:00:00',
      'autolab new quick --time 10 --by ada --launch -- python train.py',
    ],
  },
  {
    name: 'rerun',
    group: 'Workflow',
    summary: 'run a recorded experiment again, or a new one made from it',
    description:
      'Run the experiment of a recorded run once more if its approval still holds. With --set or --id, make a new experiment from the design that the run had.',
    operands: [{ usage: '[run]', description: 'RUN or ITERATION/RUN (default: the last run)', complete: 'run' }],
    options: [
      {
        flags: '--set <key=value>',
        repeated: true,
        description:
          'change an argument of the command (lr=0.2), compute (compute.time=2:00:00) or tasks (tasks.grid.lr=0.1,0.2)',
      },
      { flags: '--id <id>', description: 'name the new experiment (default: a number after the name of the old one)' },
      { flags: '--by <who>', description: 'record who decides', required: true },
      { flags: '--note <text>', description: 'record why' },
      { flags: '--key <file>', description: 'sign the approval of --launch with this ssh key', complete: 'file' },
      { flags: '--launch', description: 'launch it, too; a new experiment is approved first' },
      ...WAITING,
    ],
    examples: ['autolab rerun --by ada --launch', 'autolab rerun --set lr=0.2 --set compute.time=2:00:00 --by ada'],
  },
];
