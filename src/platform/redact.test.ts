import { describe, expect, it } from 'vitest';
import { secretsOf, withoutSecrets } from './redact.ts';

describe('withoutSecrets', () => {
  it.each([
    ["fatal: unable to access 'https://ada:s3cret@host/r.git'", "fatal: unable to access 'https://***@host/r.git'"],
    ['https://ghp_0123456789abcdef0123@host/x', 'https://***@host/x'],
    ['ssh://git@host/r.git and a@b.example', 'ssh://git@host/r.git and a@b.example'],
    ['postgres://u:p%40ss@db:5432/x, redis://:pw123@cache', 'postgres://***@db:5432/x, redis://***@cache'],
    ['token is hunter2hunter2.', 'token is ***.'],
  ])('%s', (text, clean) => {
    expect(withoutSecrets(text, ['hunter2hunter2'])).toBe(clean);
  });

  it('is quick with a megabyte of what nearly is a URL', () => {
    const text = 'a://'.repeat(250_000);
    expect(withoutSecrets(text, [])).toBe(text);
  });
});

describe('secretsOf', () => {
  it('goes by the name, leaves out what is too short, and takes the longest first', () => {
    const environment = {
      API_TOKEN: 'abcdefgh',
      AWS_SECRET_ACCESS_KEY: 'abcdefghij',
      DB_PASSWORD: 'pw',
      HOME: '/home/somebody',
      KEYBOARD: 'german layout',
      MONKEY: 'bananas',
      SSH_AUTH_SOCK: '/tmp/ssh-1/agent',
      githubToken: 'xyzxyzxyz',
    };
    expect(secretsOf(environment)).toEqual(['abcdefghij', 'xyzxyzxyz', 'abcdefgh']);
  });
});
