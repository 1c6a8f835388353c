import { describe, expect, it } from 'vitest';
import { fc } from '../../../test/support/properties.ts';
import { FRESH, nextText, shownOnTerminal, type TerminalState, unfinished } from './text.ts';

const ESC = '\u001b';
const RED = `${ESC}[31m`;
const RESET = `${ESC}[0m`;

describe('what a terminal would show', () => {
  it.each([
    ['plain lines', 'one\n\ttwo\n', 'one\n\ttwo\n'],
    ['the last state of a progress line', '  0%|    |\r 50%|##  |\r100%|####|\ndone\n', '100%|####|\ndone\n'],
    ['what a shorter line leaves of a longer one', 'abcdef\rxy\n', 'xycdef\n'],
    ['an erased line', `abcdef\r${ESC}[Kxy\n`, 'xy\n'],
    ['the beginning erased', `abc${ESC}[1Kd\n`, '   d\n'],
    ['all of a line erased', `abc${ESC}[2K\rd\n`, 'd\n'],
    ['backspace', 'abc\b\bX\n', 'aXc\n'],
    ['the cursor moved within the line', `abc${ESC}[2DX${ESC}[2CY${ESC}[1GZ\n`, 'ZXc Y\n'],
    ['a letter with marks', 'e\u0301x\rE\n', 'Ex\n'],
    ['Windows ends of lines', 'one\r\ntwo\r\n', 'one\ntwo\n'],
    ['a title', `a${ESC}]0;owned\u0007b\n`, 'ab\n'],
    ['the clipboard', `a${ESC}]52;c;ZXZpbA==${ESC}\\b\n`, 'ab\n'],
    ['a link', `${ESC}]8;;http://x${ESC}\\here${ESC}]8;;${ESC}\\\n`, 'here\n'],
    ['a DCS', `a${ESC}P$q q${ESC}\\b\n`, 'ab\n'],
    ['questions to the terminal', `a${ESC}[6n${ESC}[c${ESC}[>0q${ESC}Zb\n`, 'ab\n'],
    ['the other screen', `${ESC}[?1049h${ESC}[2J${ESC}[Ha\n`, 'a\n'],
    ['the line above', `a\n${ESC}[1A${ESC}[2Kb\n`, 'a\nb\n'],
    ['another character set', `${ESC}(0a${ESC}(B\n`, 'a\n'],
    ['a reset', `a${ESC}cb${ESC}[!pc\n`, 'abc\n'],
    ['controls of eight bits', 'a\u009b31mb\u009d0;owned\u009cc\u0085d\n', `a${RED}b${RESET}${RED}cd${RESET}\n`],
    ['bells and others', 'a\u0000\u0007\u000b\u000c\u000e\u007fb\n', 'ab\n'],
    ['direction marks', 'a\u202eb\u2066c\u200f\u061cd\n', 'abcd\n'],
    ['a sequence without an end, to the end of its line', `a${ESC}]0;x\nb\n`, 'a\nb\n'],
    ['a sequence that is interrupted', `a${ESC}[3\u0018b${ESC}[3${ESC}[1Gc\n`, 'cb\n'],
    ['a private sequence that looks like a colour', `a${ESC}[>4;2mb${ESC}[31 mc\n`, 'abc\n'],
    ['a sequence that is too long', `a${ESC}[${'1;'.repeat(100)}mb\n`, 'ab\n'],
    ['holes and repeated returns', `a\0\0\0b\r\r\rc\u007f\u007f\n`, 'cb\n'],
    ['a line without an end', `a\rb${ESC}[`, 'b'],
  ])('%s', (_what, text, shown) => {
    expect(shownOnTerminal(text, true).replaceAll(`${RESET}${RED}`, '')).toBe(shown.replaceAll(`${RESET}${RED}`, ''));
  });

  it.each([
    ['a colour', `a${RED}b${RESET}c\n`, `a${RED}b${RESET}c\n`],
    ['a colour over several lines', `${RED}a\nb${ESC}[mc\n`, `${RED}a${RESET}\n${RED}b${RESET}c\n`],
    ['many colours', `${ESC}[1;38;5;208;48;2;1;2;3ma\n`, `${ESC}[1;38;5;208;48;2;1;2;3ma${RESET}\n`],
    ['with colons', `${ESC}[38:2::1:2:3;4:3ma\n`, `${ESC}[38:2::1:2:3;4:3ma${RESET}\n`],
    ['turned off one by one', `${ESC}[1;3;31ma${ESC}[22;39mb\n`, `${ESC}[1;3;31ma${RESET}${ESC}[3mb${RESET}\n`],
    ['hidden text, which is shown', `${ESC}[8ma\n`, 'a\n'],
    ['a colour of an overwritten part', `${RED}abc${RESET}\rX\n`, `X${RED}bc${RESET}\n`],
  ])('%s', (_what, text, shown) => {
    expect(shownOnTerminal(text, true)).toBe(shown);
    expect(shownOnTerminal(text, false)).toBe(shown.replaceAll(/\u001b\[[\d;:]*m/g, ''));
  });

  it('makes no long line of a few bytes', () => {
    expect(shownOnTerminal(`${ESC}[999999999Ca\n`, true).length).toBeLessThan(1000);
  });
});

/** What programs print, and what nobody should. */
const pieces = fc.oneof(
  fc.constantFrom(
    '\r',
    '\n',
    '\b',
    '\t',
    ESC,
    '[',
    ']',
    'm',
    'K',
    'J',
    'C',
    'D',
    'G',
    '0',
    '31',
    ';',
    ':',
    '\\',
    '\u0007',
  ),
  fc.constantFrom('\u009b', '\u009d', '\u0090', '\u009c', '\u202e', '\u0018', RED, RESET, `${ESC}[999C`, `${ESC}[2K`),
  fc.constantFrom('plain words', 'e\u0301', '\u0301'.repeat(40), '界', '🙂'),
  fc.string({ unit: 'binary', maxLength: 8 }),
);
const bytes = fc
  .tuple(fc.array(pieces, { maxLength: 40 }), fc.array(fc.uint8Array({ maxLength: 4 }), { maxLength: 5 }))
  .map(([texts, raw]) => Buffer.concat(texts.flatMap((text, at) => [Buffer.from(text), Buffer.from(raw[at] ?? [])])));

/** All lines and the unfinished one, read in pieces of these sizes. */
function inPieces(all: Buffer, sizes: readonly number[], color: boolean): string {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let state: TerminalState = FRESH;
  let out = '';
  for (let at = 0, piece = 0; at < all.length; piece += 1) {
    const size = sizes[piece % sizes.length] ?? 1;
    const step = nextText(state, decoder.decode(all.subarray(at, at + size), { stream: true }), color);
    ({ state } = step);
    out += step.text;
    at += size;
  }
  const step = nextText(state, decoder.decode(), color);
  return out + step.text + unfinished(step.state, color);
}

describe('any bytes', () => {
  it('come out harmless: nothing but text, ends of lines, tabs and colours', () => {
    fc.assert(
      fc.property(bytes, fc.boolean(), (all, color) => {
        const shown = inPieces(all, [all.length + 1], color);
        const rest = color ? shown.replaceAll(/\u001b\[[\d;:]+m/g, '') : shown;

        expect(rest).not.toMatch(
          /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/,
        );
      }),
    );
  });

  it('come out the same in whatever pieces they come', () => {
    fc.assert(
      fc.property(bytes, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }), (all, sizes) => {
        expect(inPieces(all, sizes, true)).toBe(inPieces(all, [all.length + 1], true));
      }),
    );
  });

  it('come out the same if a line is too long to be kept', () => {
    const all = Buffer.from(`${RED}${'long '.repeat(10_000)}\rshort\n`);
    expect(inPieces(all, [997], true)).toBe(inPieces(all, [all.length], true));
  });

  it.each([
    ['text', 'x'.repeat(35_000)],
    ['text after a colour', `${RED}${'x'.repeat(35_000)}`],
    ['text after a character of its own', `\u0301${'x'.repeat(35_000)}\u0301`],
    ['a title', `${ESC}]${'x'.repeat(35_000)}`],
    ['a sequence', `${ESC}[${'1'.repeat(35_000)}mx`],
    ['holes', 'a\0'.repeat(17_500)],
  ])('come out the same from a long line of %s as from its pieces', (_what, text) => {
    const all = Buffer.from(`${text}\rshort\n`);
    const whole = inPieces(all, [all.length], true);
    expect(whole).toBe(inPieces(all, [61], true));
    expect(whole).toBe(inPieces(all, [16_384, 1, 16_383], true));
  });

  it('come out as they are if they are lines of plain text', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 20 }), (lines) => {
        const text = lines.map((line) => `${line}\n`).join('');

        fc.pre(!/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/.test(text));
        expect(shownOnTerminal(text, true)).toBe(text);
      }),
    );
  });

  it('leave a state of bounded size', () => {
    const { state } = nextText(FRESH, `${'x'.repeat(100_000)}${ESC}]${'y'.repeat(100_000)}`, true);
    expect(state.cells.length).toBeLessThan(20_000);
    expect(JSON.stringify({ ...state, cells: [] }).length).toBeLessThan(1000);
  });
});
