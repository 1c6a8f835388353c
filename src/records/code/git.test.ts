import { describe, expect, it } from 'vitest';
import { parseStatus, withoutCredentials } from './git.ts';
import { isCodePath } from './scope.ts';
import { looksSecret } from './secret-names.ts';

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

describe('parseStatus (git 2.39, porcelain v2, -z)', () => {
  it('reads commit, branch, changes with spaces, and untracked files', () => {
    const text = [
      '# branch.oid 1111111111111111111111111111111111111111',
      '# branch.head main',
      '# branch.ab +0 -0',
      '1 .M N... 100644 100644 100644 aaaa bbbb a file.txt',
      '1 D. N... 100644 000000 000000 aaaa 0000 gone',
      'u UU N... 100644 100644 100644 100644 a b c both ways',
      '? new file',
      '',
    ].join('\0');
    expect(parseStatus(text)).toEqual({
      sha: '1111111111111111111111111111111111111111',
      branch: 'main',
      changed: ['a file.txt', 'gone', 'both ways'],
      untracked: ['new file'],
    });
  });

  it('knows a repository without a commit, and a detached head', () => {
    expect(parseStatus('# branch.oid (initial)\0# branch.head main\0')).toMatchObject({ sha: null, branch: 'main' });
    expect(parseStatus('# branch.oid 22\0# branch.head (detached)\0')).toMatchObject({ sha: '22', branch: null });
  });
});

describe('looksSecret', () => {
  it.each([
    '.env',
    'deploy/.env.production',
    'keys/server.pem',
    'id_ed25519',
    '.netrc',
    'secrets.yaml',
    'a/credentials',
  ])('%s', (path) => {
    expect(looksSecret(path)).toBe(true);
  });
  it.each(['.env.example', 'environment.md', 'monkey.txt', 'keys.md', 'secret_santa.py', 'src/key.ts'])(
    'not %s',
    (path) => {
      expect(looksSecret(path)).toBe(false);
    },
  );
});

describe('isCode', () => {
  it('leaves out what autolab itself writes, and nothing else', () => {
    expect(
      [
        '.autolab/state.json',
        'experiments/a/runs/r/x',
        'experiments/a/launch/run_local.sh',
        'docs/slurm_job_list.md',
      ].map(isCodePath),
    ).toEqual([false, false, false, false]);
    expect(['src/.autolab/x', 'experiments/a/train.py', 'docs/x.md', 'runs/x'].map(isCodePath)).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });
});
