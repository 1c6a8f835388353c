import type { CommandHandler } from './command.ts';

/** Every verb, with its options and an example; the code of each is loaded when it is called. */
export interface Verb {
  /** As commander writes it: name, then operands. */
  readonly usage: string;
  readonly summary: string;
  readonly description?: string;
  readonly options?: readonly (readonly [flags: string, description: string])[];
  readonly examples: readonly string[];
  readonly hidden?: boolean;
  readonly sub?: readonly Verb[];
  readonly load: () => Promise<CommandHandler>;
}

const noHandler = (): Promise<CommandHandler> => Promise.reject(new Error('this verb has only sub-verbs'));

const BY: readonly (readonly [string, string])[] = [
  ['--by <who>', 'who decides'],
  ['--note <text>', 'why'],
];

const PROFILE: readonly [string, string] = ['--profile <name>', 'a profile of .autolab/remote_profiles.yaml'];

export const VERBS: readonly Verb[] = [
  {
    usage: 'init [dir]',
    summary: 'make a project',
    description: 'Makes a project: .autolab/, docs/environment.md, experiments/. Never overwrites.',
    options: [['--example <name>', 'add an approved experiment that can be launched at once: local or slurm']],
    examples: ['autolab init my-project --example local', 'autolab init my-project --example slurm'],
    load: async () => (await import('./commands/init.ts')).init,
  },
  {
    usage: 'doctor',
    summary: 'is everything here that a launch needs?',
    examples: ['autolab doctor'],
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  {
    usage: 'render',
    summary: 'write (or print) the rendered prompt and its context',
    options: [
      ['--stage <stage>', 'the stage (only launch is known)'],
      ['--stdout', 'print the prompt instead of writing it'],
      ['--run-id <id>', 'the run id to render for'],
    ],
    examples: ['autolab render --stdout'],
    load: async () => (await import('./commands/render.ts')).render,
  },
  {
    usage: 'launch',
    summary: 'launch, or carry on the active run',
    options: [
      ['--dry-run', 'check everything, print the plan and the script, write nothing'],
      ['--detach', 'return as soon as nothing but waiting is left'],
      ['--wait-timeout <seconds>', 'wait for the run at most so long'],
      PROFILE,
      ['--run-id <id>', 'the id of the new run'],
      ['--allow-open-todo', 'launch although tasks mapped to launch are open'],
      ['--on-interrupt <what>', 'what Ctrl-C does: cancel (default for a local run) or detach (for a job)'],
    ],
    examples: ['autolab launch', 'autolab launch --dry-run', 'autolab launch --detach --json'],
    load: async () => (await import('./commands/launch.ts')).launch,
  },
  {
    usage: 'resume',
    summary: 'carry on the active run',
    options: [
      ['--detach', 'return as soon as nothing but waiting is left'],
      ['--wait-timeout <seconds>', 'wait for the run at most so long'],
      ['--on-interrupt <what>', 'what Ctrl-C does: cancel (default for a local run) or detach (for a job)'],
    ],
    examples: ['autolab resume'],
    load: async () => (await import('./commands/launch.ts')).resume,
  },
  {
    usage: 'status',
    summary: 'state, active run, its step, who drives it',
    examples: ['autolab status --json'],
    load: async () => (await import('./commands/status.ts')).status,
  },
  {
    usage: 'logs [run]',
    summary: "the run's logs, followed live with -f",
    options: [
      ['-f, --follow', 'go on until the run has ended'],
      ['-n, --lines <number>', 'only the last so many lines of each log'],
      ['--stream <name>', 'out, err or driver (default: out and err)'],
    ],
    examples: ['autolab logs -f', 'autolab logs -n 20 --stream err'],
    load: async () => (await import('./commands/logs.ts')).logs,
  },
  {
    usage: 'cancel',
    summary: 'stop the active run and record its end',
    options: [['--force', 'give up a run of which nobody can find out how it stands'], ...BY],
    examples: ['autolab cancel', 'autolab cancel --force --by ada --note "node07 was scrapped"'],
    load: async () => (await import('./commands/cancel.ts')).cancel,
  },
  {
    usage: 'runs',
    summary: "the project's runs",
    options: [['--all', 'of all iterations, not only the current one']],
    examples: ['autolab runs --all'],
    load: async () => (await import('./commands/runs.ts')).runs,
  },
  {
    usage: 'remote',
    summary: 'the launch host behind ssh: what it resolves to, does it work, what is left over there',
    examples: ['autolab remote check', 'autolab remote clean --dry-run'],
    load: noHandler,
    sub: [
      {
        usage: 'show',
        summary: 'the profile, and what the ssh configuration makes of it',
        options: [PROFILE],
        examples: ['autolab remote show'],
        load: async () => (await import('./commands/remote.ts')).show,
      },
      {
        usage: 'check',
        summary: 'can runs go there? connection, folder, programs, room, clock, Slurm',
        options: [PROFILE],
        examples: ['autolab remote check --profile cluster'],
        load: async () => (await import('./commands/remote.ts')).check,
      },
      {
        usage: 'clean',
        summary: 'remove over there what was brought back and compared; nothing else',
        options: [PROFILE, ['--dry-run', 'say what would be removed']],
        examples: ['autolab remote clean --dry-run', 'autolab remote clean'],
        load: async () => (await import('./commands/remote.ts')).clean,
      },
    ],
  },
  {
    usage: 'verify [run]',
    summary: 'run every verifier again on a run',
    examples: ['autolab verify', 'autolab verify 20261124T031500Z_3fa9c1'],
    load: async () => (await import('./commands/verify.ts')).verify,
  },
  {
    usage: 'manifest [run]',
    summary: 'project the journal to a manifest',
    options: [['--check', 'compare it with run_manifest.json, byte for byte']],
    examples: ['autolab manifest', 'autolab manifest --check'],
    load: async () => (await import('./commands/manifest.ts')).manifest,
  },
  {
    usage: 'slurm-job-list',
    summary: 'the ledger of Slurm submissions',
    examples: [
      'autolab slurm-job-list append --manifest experiments/iter1/runs/r1/run_manifest.json --doc docs/slurm_job_list.md',
    ],
    load: noHandler,
    sub: (['append', 'verify'] as const).map((name) => ({
      usage: name,
      summary: name === 'append' ? 'append the run of a manifest, once' : 'is the run of a manifest in the ledger?',
      options: [
        ['--manifest <file>', 'run_manifest.json of the run'],
        ['--doc <file>', 'the ledger'],
      ],
      examples: [
        `autolab slurm-job-list ${name} --manifest experiments/iter1/runs/r1/run_manifest.json --doc docs/slurm_job_list.md`,
      ],
      load: async () => (await import('./commands/slurm-job-list.ts'))[name],
    })),
  },
  {
    usage: 'lint-script [file]',
    summary: 'check a launch script against the rules',
    options: [
      ['--prologue [mode]', 'print the prologue that a hand-written script must contain: local (default) or slurm'],
    ],
    examples: ['autolab lint-script experiments/iter1/launch/run_slurm.sbatch', 'autolab lint-script --prologue slurm'],
    load: async () => (await import('./commands/lint-script.ts')).lintScript,
  },
  {
    usage: 'review <decision>',
    summary: "a person's decision at human_review: pass, retry or stop",
    options: BY,
    examples: ['autolab review retry --by ada --note "the data set is mended"'],
    load: async () => (await import('./commands/review.ts')).review,
  },
  {
    usage: 'backlog',
    summary: 'the backlog of experiments',
    examples: ['autolab backlog reopen e1 --by ada --note "one more seed"'],
    load: noHandler,
    sub: [
      {
        usage: 'reopen <id>',
        summary: 're-open a closed experiment',
        options: BY,
        examples: ['autolab backlog reopen e1 --by ada --note "one more seed"'],
        load: async () => (await import('./commands/backlog.ts')).reopen,
      },
    ],
  },
  {
    usage: 'todo',
    summary: 'the focus tasks',
    examples: ['autolab todo list', 'autolab todo done t3'],
    load: noHandler,
    sub: [
      {
        usage: 'list',
        summary: 'the open focus tasks',
        examples: ['autolab todo list'],
        load: async () => (await import('./commands/todo.ts')).list,
      },
      {
        usage: 'done <id>',
        summary: 'mark a task as done',
        examples: ['autolab todo done t3'],
        load: async () => (await import('./commands/todo.ts')).done,
      },
    ],
  },
  {
    usage: 'unlock',
    summary: 'take the lease away from a dead driver on another host',
    options: [['--run <id>', 'the active run; none where no run is active']],
    examples: ['autolab unlock --run 20261124T031500Z_3fa9c1'],
    load: async () => (await import('./commands/unlock.ts')).unlock,
  },
];
