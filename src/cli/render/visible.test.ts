import { describe, expect, it } from 'vitest';
import { forTerminal, printableJson, visible } from './visible.ts';

describe('what a reader must see', () => {
  it('is neither rewritten nor hidden on a terminal', () => {
    expect(forTerminal('rm -rf x\rls\b \u001b[8mhidden\u001b[0m \u202e\u009b2J\tend\n')).toBe(
      'rm -rf x\\u000dls\\u0008 \\u001b[8mhidden\u001b[0m \\u202e\\u009b2J\tend\n',
    );
    expect(forTerminal('\u001b[1m\u001b[31mours\u001b[39m\u001b[22m')).toBe(
      '\u001b[1m\u001b[31mours\u001b[39m\u001b[22m',
    );
  });

  it('has every control character as an escape', () => {
    const codes = Array.from({ length: 0x1_0000 }, (_, code) => code);
    const escaped = codes.filter((code) => visible(String.fromCharCode(code)) !== String.fromCharCode(code));
    const steering = /[\p{Cc}\p{Bidi_Control}]/u;
    expect(escaped).toEqual(codes.filter((code) => steering.test(String.fromCharCode(code))));
  });

  it('is one line where it is a value, and the same JSON', () => {
    expect(visible('a\nb\u001b[31m')).toBe('a\\nb\\u001b[31m');
    expect(JSON.parse(printableJson('"\u009b\u202e"'))).toBe('\u009b\u202e');
  });
});
