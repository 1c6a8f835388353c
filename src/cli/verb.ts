/** What the table of verbs is made of. */
export interface Verb {
  readonly name: string;
  /** Where help lists it. */
  readonly group?: Group;
  /** An imperative and its object. */
  readonly summary: string;
  readonly description?: string;
  readonly operands?: readonly Operand[];
  readonly options?: readonly VerbOption[];
  readonly examples: readonly string[];
  readonly hidden?: boolean;
  /** Words after `--` are a command, and none of autolab's options. */
  readonly command?: boolean;
  readonly sub?: readonly Verb[];
}

export type Group = 'Workflow' | 'Run' | 'Inspect' | 'Maintain';

export const GROUPS: readonly Group[] = ['Workflow', 'Run', 'Inspect', 'Maintain'];

/** What a shell can complete a word to: one of these words, or names of the project. */
export type Completion = readonly string[] | 'file' | 'folder' | 'run' | 'active-run' | 'task';

export interface Operand {
  /** As commander writes it: `<id>` is required, `[run]` is not. */
  readonly usage: string;
  readonly description: string;
  readonly complete?: Completion;
}

export interface VerbOption {
  /** As commander writes it. */
  readonly flags: string;
  readonly description: string;
  readonly required?: boolean;
  /** It can be given several times. */
  readonly repeated?: boolean;
  readonly complete?: Completion;
}

/** Of every verb. */
export const GLOBAL_OPTIONS: readonly VerbOption[] = [
  {
    flags: '-C, --directory <dir>',
    description: 'use the project in this folder (default: the current folder, or one above)',
  },
  { flags: '--json', description: 'print exactly one JSON object on stdout' },
  { flags: '-q, --quiet', description: 'print no progress' },
  { flags: '-v, --verbose', description: 'print more' },
  { flags: '--no-color', description: 'print no colours (or set NO_COLOR)' },
];

/** Of verbs that look at a run. */
export const RUN: Operand = {
  usage: '[run]',
  description: 'RUN or ITERATION/RUN (default: the active or last run)',
  complete: 'run',
};

/** Who decides, and why. */
export const BY: readonly VerbOption[] = [
  { flags: '--by <who>', description: 'record who decides', required: true },
  { flags: '--note <text>', description: 'record why', required: true },
];

/** Of verbs that wait for a run. */
export const WAITING: readonly VerbOption[] = [
  { flags: '--detach', description: 'start the run and return; the run continues' },
  { flags: '--wait-timeout <seconds>', description: 'stop waiting after N seconds; the run continues' },
  {
    flags: '--on-interrupt <what>',
    description: 'on Ctrl-C, cancel (default for a local run) or detach (default for a job)',
    complete: ['cancel', 'detach'],
  },
];
