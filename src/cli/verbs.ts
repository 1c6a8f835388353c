import { EXPERIMENT_VERBS } from './experiment-verbs.ts';
import { LOOK_VERBS } from './look-verbs.ts';
import { BY, RUN, type Verb, type VerbOption, WAITING } from './verb.ts';
import { STAGE_NAMES, WORKFLOW_VERBS } from './workflow-verbs.ts';

/** Every verb, with its words and an example; `handlers.ts` has the code of each. */

const PROFILE: VerbOption = {
  flags: '--profile <name>',
  description: 'use this profile of .autolab/remote_profiles.yaml',
};

export const VERBS: readonly Verb[] = [
  ...EXPERIMENT_VERBS,
  ...WORKFLOW_VERBS,
  {
    name: 'init',
    group: 'Run',
    summary: 'create a project',
    description:
      'Create a project: .autolab/, docs/environment.md, experiments/. Never overwrites a file. Looks at the repository and at your shell, and begins docs/environment.md with the activation that works.',
    operands: [{ usage: '[dir]', description: 'the folder (default: the current one)', complete: 'folder' }],
    options: [
      {
        flags: '--example <name>',
        description: 'add an approved experiment that can be launched at once: local, slurm, or sweep (many tasks)',
        complete: ['local', 'slurm', 'sweep'],
      },
      {
        flags: '--with-scripts',
        description: 'add scripts/slurm_job_list.py, also to a project that is there already',
      },
    ],
    examples: [
      'autolab init my-project --example local',
      'autolab init my-project --example slurm',
      'autolab init my-project --example sweep',
    ],
  },
  {
    name: 'doctor',
    group: 'Run',
    summary: "check this machine's prerequisites",
    examples: ['autolab doctor'],
  },
  {
    name: 'launch',
    group: 'Run',
    summary: 'launch the approved experiment, or continue the active run',
    options: [
      { flags: '--dry-run', description: 'check everything, print the plan and the script, write nothing' },
      ...WAITING,
      PROFILE,
      { flags: '--run-id <id>', description: 'give the new run this id' },
      {
        flags: '--failed-only',
        description: 'run only the tasks that the last run did not complete; take over the others',
      },
      { flags: '--allow-open-todo', description: 'launch although tasks mapped to launch are open' },
      { flags: '--approved <digest>', description: 'launch only what this approval names; repeated, the same launch' },
      { flags: '--after <run>', description: 'with --approved: launch again after this run of it', complete: 'run' },
    ],
    examples: ['autolab launch', 'autolab launch --dry-run', 'autolab launch --detach --json'],
  },
  {
    name: 'resume',
    group: 'Run',
    summary: 'continue the active run',
    options: WAITING,
    examples: ['autolab resume', 'autolab resume --wait-timeout 600'],
  },
  {
    name: 'cancel',
    group: 'Run',
    summary: 'stop the active run and record its end',
    options: [
      {
        flags: '--task <index>',
        repeated: true,
        description: 'cancel only this task; the run continues; repeated, several tasks',
      },
      { flags: '--force', description: 'abandon a run whose state is unknown; needs --by and --note' },
      { flags: '--by <who>', description: 'record who decides (default: the user)' },
      { flags: '--note <text>', description: 'record why; only with --force' },
    ],
    examples: [
      'autolab cancel',
      'autolab cancel --task 3',
      'autolab cancel --force --by ada --note "node07 was scrapped"',
    ],
  },
  {
    name: 'review',
    group: 'Run',
    summary: "record the operator's decision at human_review",
    operands: [
      {
        usage: '<decision>',
        description: 'pass (extract the results), retry (launch again) or stop (end the workflow)',
        complete: ['pass', 'retry', 'stop'],
      },
    ],
    options: BY,
    examples: ['autolab review retry --by ada --note "the data set is fixed"'],
  },
  {
    name: 'status',
    group: 'Inspect',
    summary: 'show the stage, the active run, and which process follows it',
    examples: ['autolab status --json'],
  },
  {
    name: 'logs',
    group: 'Inspect',
    summary: 'print the logs of a run, or follow them',
    operands: [RUN],
    options: [
      { flags: '-f, --follow', description: 'continue until the run, or the task, has ended' },
      { flags: '--task <index>', description: 'print the logs of this task, in a run that has many' },
      {
        flags: '-n, --lines <number>',
        description: 'print only the last N lines of each log (with --grep, that match)',
      },
      { flags: '--grep <pattern>', description: 'print only lines in which this regular expression is found' },
      {
        flags: '--since <time>',
        description: 'print only what was written since then (10m, "2026-11-24 14:30"), if that is known',
      },
      { flags: '--plain', description: 'print text as a terminal would show it, without escape sequences' },
      {
        flags: '--stream <name>',
        description:
          'print only this log: out, err, or driver, which is the log of autolab itself (default: out and err)',
        complete: ['out', 'err', 'driver'],
      },
    ],
    examples: ['autolab logs -f', 'autolab logs -n 20 --stream err', "autolab logs --grep 'error|nan'"],
  },
  {
    name: 'watch',
    group: 'Inspect',
    summary: 'watch a run on the terminal',
    description:
      'Watch a run on the terminal: time and memory against their limits, CPU, GPU, metrics, the end of the log. Keys: q leaves, c cancels the run, l shows the log alone.',
    operands: [RUN],
    options: [{ flags: '--task <index>', description: 'show the log of this task, in a run that has many' }],
    examples: ['autolab watch', 'autolab watch --task 3'],
  },
  ...LOOK_VERBS,
  {
    name: 'verify',
    group: 'Inspect',
    summary: 'run every verifier on a run again',
    operands: [RUN],
    examples: ['autolab verify', 'autolab verify 20261124T031500Z_3fa9c1'],
  },
  {
    name: 'manifest',
    group: 'Inspect',
    summary: 'print the manifest of a run, made from its journal',
    operands: [RUN],
    options: [{ flags: '--check', description: 'compare it with run_manifest.json, byte for byte' }],
    examples: ['autolab manifest', 'autolab manifest --check'],
  },
  {
    name: 'report',
    group: 'Inspect',
    summary: 'make the page of a run, or of all runs',
    description:
      'Make the page of a run, from its record alone: report.html in its folder, or autolab-report.html if the run itself left a file of that name. With --all, make the page of all runs of the project: experiments/report.html.',
    operands: [RUN],
    options: [
      { flags: '--all', description: 'make the page of all runs' },
      { flags: '--check', description: 'compare the page that is there with its record, byte for byte' },
      { flags: '--output <file>', description: 'write the page to this file (- is stdout)', complete: 'file' },
      { flags: '--open', description: 'open the page in a browser' },
    ],
    examples: ['autolab report --open', 'autolab report 20261124T031500Z_3fa9c1 --check', 'autolab report --all'],
  },
  {
    name: 'code',
    group: 'Inspect',
    summary: 'rebuild the code that ran, in a new folder',
    description:
      'Rebuild the code that ran from commits, patches and code.sha256, compare every digest, and name what is missing.',
    operands: [RUN],
    options: [
      {
        flags: '--checkout <dir>',
        description: 'make this folder; it must not exist, or be empty',
        required: true,
        complete: 'folder',
      },
    ],
    examples: ['autolab code --checkout ../as-it-ran', 'autolab code 20261124T031500Z_3fa9c1 --checkout /tmp/tree'],
  },
  {
    name: 'render',
    group: 'Inspect',
    summary: 'write or print the rendered prompt and its context',
    options: [
      { flags: '--stage <stage>', description: 'render this stage (default: launch)', complete: STAGE_NAMES },
      { flags: '--stdout', description: 'print the prompt instead of writing it' },
      { flags: '--run-id <id>', description: 'render for this run id' },
    ],
    examples: ['autolab render --stdout'],
  },
  {
    name: 'lint-script',
    group: 'Inspect',
    summary: 'check a launch script against the rules',
    operands: [{ usage: '[file]', description: 'the script; required without --prologue', complete: 'file' }],
    options: [
      {
        flags: '--prologue [mode]',
        description: 'print the lines that a hand-written script must contain: local (default), slurm, or tasks',
        complete: ['local', 'slurm', 'tasks'],
      },
    ],
    examples: ['autolab lint-script experiments/iter1/launch/run_slurm.sbatch', 'autolab lint-script --prologue slurm'],
  },
  {
    name: 'remote',
    group: 'Maintain',
    summary: 'show, check and clean the remote host',
    examples: ['autolab remote check', 'autolab remote clean --dry-run'],
    sub: [
      {
        name: 'show',
        summary: 'show a profile, and what the ssh configuration makes of it',
        options: [PROFILE],
        examples: ['autolab remote show'],
      },
      {
        name: 'check',
        summary: 'check connection, folder, programs, space, clock and Slurm of the remote host',
        options: [PROFILE],
        examples: ['autolab remote check --profile cluster'],
      },
      {
        name: 'clean',
        summary: 'remove from the remote host what was brought back and compared',
        options: [PROFILE, { flags: '--dry-run', description: 'list what would be removed; remove nothing' }],
        examples: ['autolab remote clean --dry-run', 'autolab remote clean'],
      },
    ],
  },
  {
    name: 'slurm-job-list',
    group: 'Maintain',
    summary: 'edit and check the ledger of Slurm submissions',
    examples: [
      'autolab slurm-job-list append --manifest experiments/iter1/runs/r1/run_manifest.json --doc docs/slurm_job_list.md',
    ],
    sub: (['append', 'verify'] as const).map((name) => ({
      name,
      summary: name === 'append' ? 'append a run to the ledger, once' : 'compare the ledger with the manifest of a run',
      options: [
        {
          flags: '--manifest <file>',
          description: 'read run_manifest.json of the run',
          required: true,
          complete: 'file',
        },
        { flags: '--doc <file>', description: 'use this ledger', required: true, complete: 'file' },
      ],
      examples: [
        `autolab slurm-job-list ${name} --manifest experiments/iter1/runs/r1/run_manifest.json --doc docs/slurm_job_list.md`,
      ],
    })),
  },
  {
    name: 'backlog',
    group: 'Maintain',
    summary: 'edit the backlog of experiments',
    examples: ['autolab backlog reopen e1 --by ada --note "one more seed"'],
    sub: [
      {
        name: 'reopen',
        summary: 're-open a closed experiment',
        operands: [{ usage: '<id>', description: 'the id of the experiment, as in .autolab/backlog.yaml' }],
        options: BY,
        examples: ['autolab backlog reopen e1 --by ada --note "one more seed"'],
      },
    ],
  },
  {
    name: 'todo',
    group: 'Maintain',
    summary: 'list and close the tasks that come before a launch',
    examples: ['autolab todo list', 'autolab todo done t3'],
    sub: [
      {
        name: 'list',
        summary: 'list the open tasks',
        examples: ['autolab todo list'],
      },
      {
        name: 'sync',
        summary: 'make the focus tasks from docs/todo.md',
        description:
          'Make the focus tasks from the checkbox lines of docs/todo.md that have a stage, such as `- [ ] raise the time limit (stage: launch)`. Tasks from elsewhere stay.',
        examples: ['autolab todo sync'],
      },
      {
        name: 'done',
        summary: 'mark a task as done',
        operands: [{ usage: '<id>', description: 'the id of the task', complete: 'task' }],
        examples: ['autolab todo done t3'],
      },
    ],
  },
  {
    name: 'clean',
    group: 'Maintain',
    summary: 'remove snapshots and scratch that no open run needs',
    options: [{ flags: '--dry-run', description: 'list what would be removed; remove nothing' }],
    examples: ['autolab clean --dry-run', 'autolab clean'],
  },
  {
    name: 'unlock',
    group: 'Maintain',
    summary: 'take the project over from an autolab that died on another host',
    options: [
      {
        flags: '--run <id>',
        description: 'name the active run; none if no run is active',
        required: true,
        complete: 'active-run',
      },
    ],
    examples: ['autolab unlock --run 20261124T031500Z_3fa9c1'],
  },
  {
    name: 'completion',
    group: 'Maintain',
    summary: 'print a completion script for a shell',
    description: 'Print a completion script. It completes commands, options, and the runs of the project at hand.',
    operands: [{ usage: '<shell>', description: 'bash, zsh or fish', complete: ['bash', 'zsh', 'fish'] }],
    examples: [
      'autolab completion bash > ~/.local/share/bash-completion/completions/autolab',
      'autolab completion zsh > ~/.zfunc/_autolab',
      'autolab completion fish > ~/.config/fish/completions/autolab.fish',
    ],
  },
  {
    name: 'help',
    group: 'Maintain',
    summary: 'show the help of a command',
    operands: [{ usage: '[command...]', description: 'the command, such as launch or todo done' }],
    examples: ['autolab help launch', 'autolab help todo done'],
  },
  {
    name: '__complete',
    hidden: true,
    summary: 'print what a word can be completed to',
    operands: [{ usage: '[words...]', description: 'the words of the line; the last one is completed' }],
    examples: [],
  },
];

/** The verb that the words lead to, with the names that lead there. Options among the words are passed over. */
export function verbOf(words: readonly string[]): { readonly verb: Verb | null; readonly path: readonly string[] } {
  let verb: Verb | null = null;
  const path: string[] = [];
  for (const word of words) {
    const found: Verb | undefined = (verb === null ? VERBS : (verb.sub ?? [])).find(({ name }) => name === word);
    if (found === undefined) continue;
    verb = found;
    path.push(word);
  }
  return { verb, path };
}
