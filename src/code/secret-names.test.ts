import { describe, expect, it } from 'vitest';
import { looksSecret } from './secret-names.ts';

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
