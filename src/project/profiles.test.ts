import { describe, expect, it } from 'vitest';
import { parseProfiles } from './profiles.ts';

describe('parseProfiles', () => {
  it('reads a profile, with defaults', () => {
    const text =
      'default_profile: hpc\nprofiles:\n  hpc: {mode: rsync, login_host: me@login.example.org, remote_repo_root: /home/me/p, exclude: [data/]}\n  here: {mode: shared_fs, setup: "module load slurm\\n"}\n';
    expect(parseProfiles(text, 'p')).toEqual({
      problems: [],
      value: {
        default_profile: 'hpc',
        profiles: {
          hpc: {
            mode: 'rsync',
            login_host: 'me@login.example.org',
            remote_repo_root: '/home/me/p',
            scratch: null,
            python: null,
            setup: null,
            connect_timeout_seconds: 15,
            exclude: ['data/'],
          },
          here: {
            mode: 'shared_fs',
            login_host: null,
            remote_repo_root: null,
            scratch: null,
            python: null,
            setup: 'module load slurm\n',
            connect_timeout_seconds: 15,
            exclude: [],
          },
        },
      },
    });
  });

  it.each([
    [
      'an option as host',
      'profiles: {a: {mode: shared_fs, login_host: -oProxyCommand=id}}\n',
      '/profiles/a/login_host',
    ],
    ['white space in a host', 'profiles: {a: {mode: shared_fs, login_host: "a b"}}\n', '/profiles/a/login_host'],
    ['a newline in a host', 'profiles: {a: {mode: shared_fs, login_host: "a\\nb"}}\n', '/profiles/a/login_host'],
    ['a relative root', 'profiles: {a: {mode: shared_fs, remote_repo_root: x}}\n', '/profiles/a/remote_repo_root'],
    ['a NUL in setup', 'profiles: {a: {mode: shared_fs, setup: "\\0"}}\n', '/profiles/a/setup'],
    ['an option as python', 'profiles: {a: {mode: shared_fs, python: -c}}\n', '/profiles/a/python'],
    ['a mode without host', 'profiles: {a: {mode: git, remote_repo_root: /x}}\n', '/profiles/a/login_host'],
    ['an unknown mode', 'profiles: {a: {mode: ftp}}\n', '/profiles/a/mode'],
    ['an unsafe name', 'profiles: {../a: {mode: shared_fs}}\n', '/profiles/..~1a'],
    ['an unknown default', 'default_profile: b\nprofiles: {a: {mode: shared_fs}}\n', '/default_profile'],
    [
      'a long wait',
      'profiles: {a: {mode: shared_fs, connect_timeout_seconds: 99999}}\n',
      '/profiles/a/connect_timeout_seconds',
    ],
  ])('refuses %s', (_, text, pointer) => {
    const { value, problems } = parseProfiles(text, 'p');
    expect(value).toBeNull();
    expect(problems.map((problem) => problem.pointer)).toEqual([pointer]);
  });

  it('warns of misspelled keys inside a profile', () => {
    expect(parseProfiles('profiles: {a: {mode: shared_fs, scrach: /x}}\n', 'p').problems[0]?.message).toContain(
      '`scratch`',
    );
  });

  it.each([
    '-oProxyCommand=touch x',
    'user@-oProxyCommand=x',
    'ssh://-oProxyCommand=x',
    'host;touch',
    '$(touch)',
    '`touch`',
    'a|b',
    'a b',
    'a\nb',
    "a'b",
    '\u001b[2J',
  ])('refuses the host %j', (host) => {
    const text = `profiles: {p: {mode: rsync, remote_repo_root: /x, login_host: ${JSON.stringify(host)}}}`;
    const { value, problems } = parseProfiles(text, 'p');
    expect(value).toBeNull();
    expect(problems.map(({ pointer, code }) => [pointer, code])).toEqual([['/profiles/p/login_host', 'value.invalid']]);
  });

  it.each(['login1', 'user@login.example.org', 'DOMAIN\\\\user@host', 'ssh://user@[::1]:2222', 'fe80::1%eth0'])(
    'takes the host %s',
    (host) => {
      const text = `profiles: {p: {mode: rsync, remote_repo_root: /x, login_host: "${host}"}}`;
      expect(parseProfiles(text, 'p').problems).toEqual([]);
    },
  );
});
