import { describe, expect, it } from 'vitest';
import { DEFAULT_LAUNCH_CONFIG, parseLaunchConfig } from './launch-config.ts';

describe('parseLaunchConfig', () => {
  it('judges the limits of polling although another setting is wrong', () => {
    const { problems } = parseLaunchConfig('host_mode: foo\npoll: {min_seconds: 100, max_seconds: 5}\n', 'c');
    expect(problems.map(({ code, line }) => [code, line])).toEqual([
      ['value.invalid', 1],
      ['value.conflict', 2],
    ]);
  });

  it('needs nothing', () => {
    expect(parseLaunchConfig('# all defaults\n', 'c')).toMatchObject({ value: DEFAULT_LAUNCH_CONFIG, problems: [] });
    expect(parseLaunchConfig('poll:\n', 'c')).toMatchObject({ value: DEFAULT_LAUNCH_CONFIG, problems: [] });
  });

  it('changes what it says and no more', () => {
    const { value } = parseLaunchConfig(
      'host_mode: local\npoll: {max_seconds: 2}\nsubmit: {hold: false}\nrequire_clean_tree: true\n',
      'c',
    );
    expect(value).toEqual({
      ...DEFAULT_LAUNCH_CONFIG,
      host_mode: 'local',
      poll: { min_seconds: 2, max_seconds: 2 },
      submit: { hold: false, reconcile_seconds: 60, chunk_tasks: null },
      require_clean_tree: true,
    });
  });

  it('does not take a file that lost its contents for defaults', () => {
    expect(parseLaunchConfig('', 'c').problems.map(({ code }) => code)).toEqual(['file.empty']);
  });

  it.each([
    ['host_mode: remote\n', 'value.invalid'],
    ['poll: {min_seconds: 0}\n', 'value.invalid'],
    ['poll: {min_seconds: 9, max_seconds: 8}\n', 'value.conflict'],
    ['require_clean_tree: yes\n', 'value.type'],
    ['poll: 5\n', 'value.type'],
  ])('refuses %j', (text, code) => {
    const { value, problems } = parseLaunchConfig(text, 'c');
    expect(value).toBeNull();
    expect(problems.map((problem) => problem.code)).toEqual([code]);
  });

  it('says what the tests are to look like', () => {
    const { problems } = parseLaunchConfig('checks: {tests: "python -m pytest"}\n', 'c');
    expect(problems[0]?.message).toMatch(/must be a list; .*; write a list of words, such as \[python, -m, pytest\]$/);
  });

  it('warns of a misspelled option', () => {
    expect(parseLaunchConfig('require_clean_three: true\n', 'c').problems[0]?.message).toContain(
      '`require_clean_tree`',
    );
  });
});
