import { describe, expect, it } from 'vitest';
import { gitEnvironment, withoutCredentials } from './git.ts';

describe('withoutCredentials', () => {
  it.each([
    ['https://user:token@example.org/a/b.git', 'https://example.org/a/b.git'],
    ['https://ghp_abc@example.org/a/b.git', 'https://example.org/a/b.git'],
    ['ssh://git@example.org:2222/a/b.git', 'ssh://example.org:2222/a/b.git'],
    ['git@example.org:a/b.git', 'git@example.org:a/b.git'],
    ['https://example.org/a.git?private_token=abc&x=1', 'https://example.org/a.git?private_token=***&x=1'],
    ['/srv/git/a.git', '/srv/git/a.git'],
    ['../a.git', '../a.git'],
  ])('%s', (url, clean) => {
    expect(withoutCredentials(url)).toBe(clean);
  });
});

describe('gitEnvironment', () => {
  it("has nothing of another repository, and keeps what is the user's", () => {
    const before = { ...process.env };
    Object.assign(process.env, {
      GIT_DIR: '/other/.git',
      GIT_INDEX_FILE: '/other/index',
      GIT_CONFIG_PARAMETERS: "'core.bare=true'",
      GIT_CONFIG_GLOBAL: '/home/ada/gitconfig',
      GIT_CONFIG_COUNT: '0',
    });
    const env = gitEnvironment();
    process.env = before;
    expect(
      Object.keys(env)
        .filter((name) => name.startsWith('GIT_'))
        .sort(),
    ).toEqual([
      'GIT_CONFIG_COUNT',
      'GIT_CONFIG_GLOBAL',
      'GIT_NO_REPLACE_OBJECTS',
      'GIT_OPTIONAL_LOCKS',
      'GIT_TERMINAL_PROMPT',
    ]);
  });
});
