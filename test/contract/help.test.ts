import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { VERBS } from '../../src/cli/verbs.ts';
import { EXIT_STATUS } from '../../src/run/outcome.ts';
import { autolab, autolabJson } from '../support/autolab.ts';
import { makeProject, temporaryFolder } from '../support/project.ts';
import { eachOf } from '../support/runs.ts';

/** Words that lead on: every verb explains itself, and words that are off get a short answer and exit status 2. */

const CONTRACT = [
  'init',
  'doctor',
  'new',
  'rerun',
  'next',
  'advance',
  'approve',
  'reject',
  'focus',
  'extract',
  'run',
  'document',
  'decide',
  'render',
  'launch',
  'resume',
  'status',
  'tasks',
  'logs',
  'watch',
  'show',
  'cancel',
  'runs',
  'compare',
  'advise',
  'mcp',
  'remote',
  'verify',
  'manifest',
  'report',
  'code',
  'slurm-job-list',
  'lint-script',
  'review',
  'backlog',
  'todo',
  'clean',
  'unlock',
  'completion',
  'help',
];

const GROUPS: Readonly<Record<string, readonly string[]>> = {
  Workflow: [
    'new',
    'rerun',
    'next',
    'advance',
    'approve',
    'reject',
    'focus',
    'extract',
    'document',
    'decide',
    'mcp',
    'run',
  ],
  Run: ['init', 'doctor', 'launch', 'resume', 'cancel', 'review'],
  Inspect: [
    'status',
    'logs',
    'watch',
    'show',
    'runs',
    'tasks',
    'compare',
    'advise',
    'verify',
    'manifest',
    'report',
    'code',
    'render',
    'lint-script',
  ],
  Maintain: ['remote', 'slurm-job-list', 'backlog', 'todo', 'clean', 'unlock', 'completion', 'help'],
};

const FLAGS: Readonly<Record<string, readonly string[]>> = {
  init: ['--example'],
  launch: [
    ...['--dry-run', '--detach', '--wait-timeout', '--profile', '--run-id', '--allow-open-todo', '--on-interrupt'],
    ...['--approved', '--after'],
  ],
  logs: ['-f', '-n', '--stream'],
  cancel: ['--force', '--by', '--note'],
  runs: ['--all'],
  manifest: ['--check'],
  code: ['--checkout'],
  new: ['--on', '--time', '--memory', '--gpus', '--metric', '--artifact', '--from', '--init', '--launch'],
  rerun: ['--set', '--id', '--by', '--note', '--launch'],
  advance: ['--by'],
  decide: ['--at', '--by', '--note'],
  approve: ['--by', '--note', '--yes', '--key'],
  reject: ['--by', '--note'],
  run: ['--until'],
  render: ['--stage', '--stdout'],
  'lint-script': ['--prologue'],
  review: ['--by', '--note'],
  'backlog reopen': ['--by', '--note'],
  'slurm-job-list append': ['--manifest', '--doc'],
  clean: ['--dry-run'],
  unlock: ['--run'],
};

/** Names under a heading of a help text. */
function namesUnder(heading: string, help: string): readonly string[] {
  const [, list = ''] = new RegExp(`^${heading}:\\n((?: .*\\n)*)`, 'm').exec(help) ?? [];
  return [...list.matchAll(/^ {2}([a-z-]+)/gm)].map((match) => match[1] ?? '');
}

function commandsIn(help: string): readonly string[] {
  return [...Object.keys(GROUPS), 'Commands'].flatMap((heading) => namesUnder(heading, help));
}

function headingsIn(help: string): readonly string[] {
  return [...help.matchAll(/^([A-Z][\w ]*):$/gm)].map((match) => match[1] ?? '');
}

describe('help', () => {
  it('lists every verb of the contract', async () => {
    const { status, stdout, stderr } = await autolab(temporaryFolder(), ['--help']);

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect([...commandsIn(stdout)].sort()).toEqual([...CONTRACT].sort());
    expect((await autolab(temporaryFolder(), [])).stdout).toBe(stdout);
    expect((await autolab(temporaryFolder(), ['help'])).stdout).toBe(stdout);
  });

  it.each([
    [
      'launch',
      [
        ['help', 'launch'],
        ['launch', '--help'],
        ['launch', '-h'],
        ['--help', 'launch'],
        ['-h', 'launch'],
      ],
    ],
    [
      'remote show',
      [
        ['help', 'remote', 'show'],
        ['remote', 'show', '--help'],
        ['--help', 'remote', 'show'],
      ],
    ],
  ])('of %s is the same, however it is asked for', async (name, calls) => {
    for (const words of calls) {
      const { status, stdout, stderr } = await autolab(temporaryFolder(), words);
      expect({ status, stderr, first: stdout.split('\n')[0] }, words.join(' ')).toEqual({
        status: 0,
        stderr: '',
        first: `Usage: autolab ${name} [options]`,
      });
    }
  });

  it.each([[['help', 'nonsense']], [['--help', 'nonsense']], [['help', 'remote', 'nonsense']]])(
    'knows no %j',
    async (words) => {
      expect(await autolab(temporaryFolder(), words)).toMatchObject({
        status: 2,
        stderr: expect.stringMatching(/Unknown command "nonsense"[^]*autolab --help\n/) as string,
      });
    },
  );

  it('has the verbs in groups, then the global options, and ends with exit statuses and the docs', async () => {
    const { stdout } = await autolab(temporaryFolder(), ['--help']);

    for (const [group, names] of Object.entries(GROUPS)) expect(namesUnder(group, stdout), group).toEqual(names);
    expect(headingsIn(stdout)).toEqual([...Object.keys(GROUPS), 'Global options', 'Exit status']);
    const statuses = [...stdout.matchAll(/^ {2}(\d+) /gm)].map((match) => Number(match[1]));
    expect(statuses).toEqual([...new Set(Object.values(EXIT_STATUS))].sort((a, b) => a - b));
    expect(stdout).toMatch(/autolab help COMMAND\nDocumentation: https:.*\n$/);
  });

  it('describes arguments, marks what is required, and has the global options last', async () => {
    const { stdout } = await autolab(temporaryFolder(), ['help', 'backlog', 'reopen']);

    expect(headingsIn(stdout)).toEqual(['Arguments', 'Options', 'Global options', 'Example']);
    expect(stdout).toMatch(/^Usage: autolab backlog reopen \[options\] <id>\n\nRe-open a closed experiment\.\n/);
    expect(stdout).toMatch(/^ {2}id +the id of the experiment/m);
    expect(stdout).toMatch(/^ {2}--by <who> +record who decides \(required\)$/m);
  });

  it('begins every summary with a verb, asks no question, and ends none with a full stop', () => {
    const all = VERBS.flatMap((verb) => [verb, ...(verb.sub ?? [])]);
    const texts = all.flatMap(({ summary, options = [] }) => [
      summary,
      ...options.map(({ description }) => description),
    ]);

    expect(texts.filter((text) => /[?.]$|^[A-Z]|^(?:the|a|an|is|are|can|may|what|who|when|if)\b/.test(text))).toEqual(
      [],
    );
  });

  it('of every verb, and of those below it, shows an example of just that verb, and the common options', async () => {
    const folder = temporaryFolder();
    const seen: string[] = [];

    await eachOf(CONTRACT, async (verb) => {
      const { status, stdout, stderr } = await autolab(folder, [verb, '--help']);
      expect({ status, stderr }, verb).toEqual({ status: 0, stderr: '' });
      expectGoodHelp(verb, stdout);
      seen.push(verb);
      for (const below of commandsIn(stdout)) {
        const inner = await autolab(folder, [verb, below, '-h']);
        expect(inner.status, `${verb} ${below}`).toBe(0);
        expectGoodHelp(`${verb} ${below}`, inner.stdout);
        seen.push(`${verb} ${below}`);
      }
    });

    expect(seen).toEqual(expect.arrayContaining(Object.keys(FLAGS)));
    expect(seen).toEqual(expect.arrayContaining(['todo list', 'todo done', 'slurm-job-list verify']));
  });

  function expectGoodHelp(verb: string, help: string): void {
    expect(help, verb).toContain(`Usage: autolab ${verb}`);
    expect(help, verb).toMatch(new RegExp(`^ {2}\\$ autolab ${verb}`, 'm'));
    for (const flag of [
      '--json',
      '-C, --directory',
      '-q, --quiet',
      '-v, --verbose',
      '--no-color',
      ...(FLAGS[verb] ?? []),
    ])
      expect(help, verb).toContain(flag);
    expect(help, verb).not.toMatch(/undefined|\[object/);
  }

  it('is the version of the package that is told', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };

    for (const words of [['--version'], ['-V'], ['launch', '-V']]) {
      expect(await autolab(temporaryFolder(), words), words.join(' ')).toMatchObject({
        status: 0,
        stdout: `${version}\n`,
        stderr: '',
      });
    }
    const { status, json } = await autolabJson(temporaryFolder(), ['--version']);
    expect(status).toBe(0);
    expect(json).toMatchObject({ command: 'version', code: 'ok', version, node: process.versions.node });
  });
});

describe('words that are off', () => {
  it.each([
    [['lanch'], 'did you mean launch?'],
    [['frobnicate'], 'frobnicate'],
    [['launch', '--dryrun'], 'Unknown option --dryrun; did you mean --dry-run?'],
    [['runs', '--jsno'], 'did you mean --json?'],
    [['todo', 'lst'], 'Unknown command "lst"; did you mean list?'],
    [['remote'], 'Name a command: show, check, clean.'],
    [['help', 'lounch'], 'did you mean launch?'],
    [['help', 'launch', 'resume'], 'The command launch has no commands'],
    [['completion', 'csh'], 'bash, zsh, fish'],
    [['launch', '--run-id'], '--run-id'],
    [['status', 'now'], 'argument'],
    [['todo'], ''],
    [['todo', 'undo'], 'undo'],
    [['todo', 'done'], 'id'],
    [['review'], 'decision'],
    [['review', 'maybe', '--by', 'ada', '--note', 'x'], 'maybe'],
    [['launch', '--on-interrupt', 'foo'], '--on-interrupt takes one of cancel, detach, not "foo"'],
    [['launch', '--wait-timeout', 'soon'], '--wait-timeout takes a whole number, not "soon"'],
    [['logs', '--lines', 'many'], 'many'],
    [['logs', '--stream', 'tv'], '--stream takes one of out, err, driver, not "tv"'],
    [['lint-script'], 'FILE'],
    [['unlock'], '--run'],
    [['code'], '--checkout'],
    [['slurm-job-list', 'append', '--doc', 'x'], '--manifest'],
    [['render', '--stage', 'desgin'], 'extract_results'],
    [['cancel', '--force', '--by', 'ada'], '--note'],
  ])('%j', async (words, named) => {
    const { status, stdout, stderr } = await autolab(temporaryFolder(), words);

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(named);
    expect(stderr.split('\n').length).toBeLessThan(8);
    expect(stderr).toContain('--help');
  });
});

describe('an empty value', () => {
  it.each([
    [['cancel', '--by', ''], 0, 'run.none_active'],
    [['todo', 'done', ' '], 12, 'todo.unknown'],
    [['backlog', 'reopen', '', '--by', 'ada', '--note', 'x'], 12, 'backlog.no_match'],
    [['logs', ''], 12, 'run.not_found'],
    [['launch', '--run-id', ' '], 12, 'path.unsafe_id'],
  ])('%j is judged by its verb, with %i', async (words, status, code) => {
    const ended = await autolabJson(makeProject(), words);

    expect({ status: ended.status, code: ended.json['code'] }).toEqual({ status, code });
  });
});
