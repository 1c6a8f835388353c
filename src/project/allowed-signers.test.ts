import { expect, it } from 'vitest';
import { keyOfSignature, parseAllowedSigners, whyNotSigned } from './allowed-signers.ts';

it('reads the lines that name a key, with names in quotes, options and certificates of authorities', () => {
  const text = [
    '# a comment',
    '',
    'ada@lab ssh-ed25519 AAAA comment',
    '"ada@lab,bob@lab" namespaces="git,autolab",valid-before="20270101" sk-ssh-ed25519@openssh.com BBBB',
    '*@lab cert-authority ecdsa-sha2-nistp256 CCCC',
    'what is no line',
    '#ada@lab ssh-ed25519 DDDD',
  ].join('\r\n');
  expect(parseAllowedSigners(text)).toEqual([
    { principals: 'ada@lab', options: '', key: 'AAAA' },
    { principals: 'ada@lab,bob@lab', options: 'namespaces="git,autolab",valid-before="20270101"', key: 'BBBB' },
    { principals: '*@lab', options: 'cert-authority', key: 'CCCC' },
  ]);
});

it.each(['', 'x', '-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----'])(
  'says of %j that it is damaged',
  (text) => {
    expect(keyOfSignature(text)).toBeNull();
    expect(whyNotSigned([], text, 'ada', 'signers')).toBe('the signature is damaged');
  },
);
