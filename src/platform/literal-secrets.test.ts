import { describe, expect, it } from 'vitest';
import { literalSecrets, withoutSecretsDeep } from './literal-secrets.ts';

describe('literalSecrets', () => {
  it.each([
    [['--api-key', 'abcdef123']],
    [['--api_key=abcdef123']],
    [['--db.password', 'abcdef123']],
    [['-passphrase', 'abcdef123']],
    [['--hf-token', 'abcdef123']],
  ])('of the words %j', (words) => {
    expect(literalSecrets(['python', 'train.py', ...words], [])).toEqual(['abcdef123']);
  });

  it.each([
    [['--pad-token', '<padding>']],
    [['--num_tokens=1000000']],
    [['--sort-key', 'accuracy']],
    [['--tokenizer', 'bert-base']],
    [['--use-auth-token', '--verbose']],
    [['--use-auth-token', 'true']],
    [['--api-key', '$API_KEY_OF_MINE']],
    [['--api-key', '{{scratch}}/key']],
    [['--api-key']],
  ])('none in the words %j', (words) => {
    expect(literalSecrets(words, [])).toEqual([]);
  });

  it('of assignments in a script, quoted as the script has them', () => {
    const script = `export HF_TOKEN=hf_0123456\nDB_PASSWORD='two words; and more' MODE=fast\nAPI_KEY="$OTHER_KEY" SHORT_KEY=abc\n`;
    expect(literalSecrets([], [script])).toEqual(["'two words; and more'", 'two words; and more', 'hf_0123456']);
  });

  it('is quick with a megabyte of what nearly is an assignment', () => {
    expect(
      literalSecrets([], ['A_KEY=('.repeat(150_000), 'X'.repeat(1_000_000), 'A_KEY=" \n'.repeat(100_000)]),
    ).toEqual([]);
  });
});

describe('withoutSecretsDeep', () => {
  it('goes through lists and mappings, and leaves what is no text', () => {
    const value = { a: ['--key', 'abcdef'], b: { c: 'https://u:p1234@h/x', d: null, e: 3 } };
    expect(withoutSecretsDeep(value, ['abcdef'])).toEqual({
      a: ['--key', '***'],
      b: { c: 'https://***@h/x', d: null, e: 3 },
    });
  });

  it('withholds whole texts where there are more secrets than can be looked for', () => {
    const many = Array.from({ length: 50_000 }, (_one, index) => `A_KEY=secret-${index}`).join('\n');
    expect(withoutSecretsDeep({ script: many }, literalSecrets([], [many]))).toEqual({ script: '***' });
  });
});
