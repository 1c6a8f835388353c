import { expect, it } from 'vitest';
import { controlInLine, controlInWord, invisibleInName } from './characters.ts';

const LAST = 0x10_ffff;

function named(code: number): string {
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Every character for which a check does not say what the pattern of categories does. */
function different(check: (text: string) => string | null, pattern: RegExp): readonly string[] {
  const found: string[] = [];
  for (let code = 0; code <= LAST; code += 1) {
    const text = String.fromCodePoint(code);
    if (check(`a${text}`) !== (pattern.test(text) ? named(code) : null)) found.push(named(code));
  }
  return found;
}

// Unicode's categories never change for control characters and surrogates.
it.each([
  ['words', controlInWord, /[\p{Cc}\p{Cs}]/u, ['U+0009', 'U+000A']],
  ['lines', controlInLine, /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u, []],
  ['names', invisibleInName, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u, []],
])('knows every character that is not allowed in %s', (_, check, pattern, allowed) => {
  expect(different(check, pattern)).toEqual(allowed);
});

it('finds characters that are not allowed beside others', () => {
  expect(invisibleInName('plain-é\u200dx')).toBe('U+200D');
  expect(invisibleInName('plain-é')).toBeNull();
});
