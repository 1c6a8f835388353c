import { describe, expect, it } from 'vitest';
import type { Parsed } from '../errors/problem.ts';
import { parseBacklog } from './backlog.ts';
import { parseDesign } from './design.ts';
import { parseLaunchConfig } from './launch-config.ts';
import { parseLineLimits } from './line-limits.ts';
import { parseProfiles } from './profiles.ts';
import { parseReview } from './review.ts';
import { parseTodo } from './todo.ts';

/** Keys of all documents that are misspelled, empty, or written under another name. */

type Parse = (text: string, file: string) => Parsed<unknown>;

const design = (lines: string): string =>
  `id: d1\niteration_id: iter1\nentrypoint: {command: [a]}\ncompute: {location: local, time: "00:05:00"}\n${lines}\n`;
const slurm = (keys: string): string =>
  `id: d1\niteration_id: iter1\nentrypoint: {command: [a]}\ncompute: {location: slurm, time: "00:05:00", memory: 1G, ${keys}}\n`;
const profile = (keys: string): string => `profiles: {a: {mode: shared_fs, ${keys}}}\n`;

const MISSPELLED: readonly (readonly [key: string, severity: string, parse: Parse, text: string])[] = [
  ['artefacts', 'error', parseDesign, design('artefacts: [metrics.json]')],
  ['artifact', 'error', parseDesign, design('artifact: [metrics.json]')],
  ['requird', 'error', parseDesign, design('artifacts: [{path: a, requird: false}]')],
  ['form', 'error', parseDesign, design('artifacts: [{path: a, form: /x}]')],
  ['entrypont', 'error', parseDesign, design('').replace('entrypoint', 'entrypont')],
  ['modul', 'error', parseDesign, design('').replace('{command: [a]}', '{modul: a.b}')],
  ['comput', 'error', parseDesign, design('').replace('compute', 'comput')],
  ['tme', 'error', parseDesign, design('').replace('time:', 'tme:')],
  ['loction', 'error', parseDesign, design('').replace('location:', 'loction:')],
  ['partion', 'error', parseDesign, slurm('partion: long')],
  ['run_form', 'error', parseDesign, design('code: {run_form: snapshot}')],
  ['metric', 'warning', parseDesign, design('metric: {}')],
  ['baseline', 'warning', parseDesign, design('baseline: []')],
  ['require_claen_tree', 'error', parseLaunchConfig, 'require_claen_tree: true\n'],
  ['hostmode', 'error', parseLaunchConfig, 'hostmode: local\n'],
  ['ignor', 'error', parseLaunchConfig, 'code: {ignor: [a]}\n'],
  ['keep_temporay', 'warning', parseLaunchConfig, 'keep_temporay: true\n'],
  ['blocking_finding', 'error', parseReview, '{"status": "pass", "blocking_finding": ["leaks"]}'],
  ['require_checks', 'error', parseReview, '{"status": "pass", "require_checks": {"tests": "fail"}}'],
  ['aproved', 'error', parseReview, '{"status": "pass", "aproved": {}}'],
  ['desing', 'error', parseReview, '{"status": "pass", "approved": {"desing": "a"}}'],
  ['reviewd_at', 'warning', parseReview, '{"status": "pass", "reviewd_at": "2026-01-01T00:00:00Z"}'],
  ['focus_task', 'error', parseTodo, '{"focus_task": []}'],
  ['fixed_max_line', 'error', parseLineLimits, 'line_limits: {fixed_max_line: {a: 1}}\n'],
  ['login_hst', 'error', parseProfiles, profile('login_hst: far')],
  ['exclud', 'error', parseProfiles, profile('exclud: [.env]')],
  ['connect_timeout_second', 'warning', parseProfiles, profile('connect_timeout_second: 3')],
  ['artefacts', 'error', parseDesign, design('artifacts: [a]\nartefacts: [metrics.json]')],
  ['comand', 'error', parseDesign, design('').replace('[a]', '[a], comand: [b]')],
  ['tme', 'error', parseDesign, design('').replace('time:', 'tme: "00:09:00", time:')],
  ['statuss', 'error', parseReview, '{"status": "pass", "statuss": "failed"}'],
  ['enforce_memry', 'error', parseLaunchConfig, 'local: {enforce_memry: true}\n'],
  ['statsu', 'error', parseBacklog, 'experiments: [{id: e1, statsu: closed, iteration_id: i}]\n'],
];

describe('a misspelled key', () => {
  it.each(MISSPELLED)('%s is one %s', (key, severity, parse, text) => {
    const { problems } = parse(text, 'f');
    const about = problems.filter(({ code }) => code === 'value.unknown_key' || code === 'value.missing');
    expect(about.filter(({ message }) => !message.includes('no time limit'))).toEqual([
      expect.objectContaining({
        severity,
        code: 'value.unknown_key',
        message: expect.stringContaining(`\`${key}\``) as string,
      }),
    ]);
    expect(about[0]?.line).not.toBeNull();
  });

  it.each(['implementation_requirements: []', 'extract_parser: {kind: json}', 'variants: [a]', 'notes: "as before"'])(
    'is not what another stage reads: %s',
    (line) => {
      expect(parseDesign(design(line), 'd').problems).toEqual([]);
    },
  );
});

describe('a key for people', () => {
  it.each(['notes', 'Notes', 'NOTE', 'x-team'])('%s of compute asks for nothing', (key) => {
    expect(parseDesign(slurm(`${key}: hi`), 'd').problems).toEqual([]);
  });

  it('is the state of a task, beside its stage', () => {
    expect(parseTodo('{"focus_tasks": [{"task_id": "t", "stage": "launch", "state": "new"}]}', 't').problems).toEqual(
      [],
    );
  });
});

describe('the message about a value', () => {
  it.each([
    [parseReview, '{"status": "fial"}'],
    [parseReview, '{"status": "passs"}'],
    [parseDesign, design('artifacts: [""]')],
    [parseLaunchConfig, 'code: {run_from: snapshto}\n'],
  ] as readonly (readonly [Parse, string])[])('is put together as a sentence: %#', (parse, text) => {
    const { problems } = parse(text, 'f');
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).not.toMatch(/\?;|\?\.|``/);
  });
});

describe('an empty text', () => {
  it.each([
    ...['gpu_type', 'partition', 'qos', 'account', 'constraint', 'reservation', 'comment', 'mail_user', 'wckey'],
    ...['cluster', 'licenses', 'begin', 'signal', 'exclude', 'nodelist', 'memory_per_cpu'],
  ])('of compute.%s is absent', (key) => {
    const read = parseDesign(slurm(`${key}: ""`), 'd');
    expect(read).toEqual(parseDesign(slurm(''), 'd'));
    expect(read.problems).toEqual([]);
  });

  it.each([
    [parseDesign, design('hypothesis_id: ""'), design('')],
    [parseDesign, design('code: {run_from: ""}'), design('')],
    [parseDesign, design('artifacts: [{path: a, from: ""}]'), design('artifacts: [a]')],
    [parseDesign, design('').replace('[a]', '[a], module: "", cli: ""'), design('')],
    [parseLaunchConfig, 'host_mode: ""\nsetup: ""\n', 'poll: {}\n'],
    [parseProfiles, 'default_profile: ""\nprofiles: {}\n', 'profiles: {}\n'],
    [parseProfiles, profile('login_host: "", remote_repo_root: "", scratch: "", python: "", setup: ""'), profile('')],
  ] as readonly (readonly [Parse, string, string])[])('is absent elsewhere: %#', (parse, given, without) => {
    const read = parse(given, 'f');
    expect(read).toEqual(parse(without, 'f'));
    expect(read.problems).toEqual([]);
  });
});

describe('another name for a key', () => {
  it.each([
    ['num_nodes: 2', 'nodes: 2'],
    ['gpus: 1', 'gpu_count: 1'],
    ['gpus_per_node: 1', 'gpu_count: 1'],
    ['num_nodes: 2, nodes: 2', 'nodes: 2'],
  ])('%s is %s', (given, meant) => {
    expect(parseDesign(slurm(given), 'd')).toEqual(parseDesign(slurm(meant), 'd'));
  });

  it.each([
    ['64GB', 65_536],
    ['512MB', 512],
    ['1TB', 1_048_576],
  ])('memory_estimate: %s is %i megabytes, 1024 to each unit, as Slurm counts', (text, megabytes) => {
    const { value } = parseDesign(slurm('').replace('memory: 1G', `memory_estimate: ${text}`), 'd');
    expect(value?.compute.memory_mb).toBe(megabytes);
  });

  it.each([
    ['nodes: 2, num_nodes: 3', 'num_nodes', 'nodes'],
    ['gpu_count: 1, gpus: 2', 'gpus', 'gpu_count'],
    ['memory_estimate: 2G', 'memory_estimate', 'memory'],
    ['walltime: "00:06:00"', 'walltime', 'time'],
  ])('%s: with another value it is a problem that names both', (keys, one, other) => {
    expect(parseDesign(slurm(keys), 'd').problems).toMatchObject([
      { code: 'value.conflict', message: `\`compute.${one}\` contradicts \`compute.${other}\`; leave one of them` },
    ]);
  });
});
