import { describe, expect, it } from 'vitest';
import { LogPrinter } from './log-printer.ts';

const chunk = (text: string, file = 'out.log', caughtUp = true): Parameters<LogPrinter['take']>[0] => ({
  type: 'log',
  stream: 'out',
  file,
  bytes: Buffer.from(text),
  caughtUp,
});

/** What a terminal of 20 columns has after these texts: it knows `\r`, LF and nothing else. */
function screenOf(texts: readonly (string | Uint8Array)[]): string {
  const lines: string[] = [''];
  let column = 0;
  for (const character of texts.join('')) {
    const line = lines.at(-1) ?? '';
    if (character === '\r') column = 0;
    else if (character === '\n') column = lines.push('') * 0;
    else {
      lines[lines.length - 1] = line.slice(0, column) + character + line.slice(column + 1);
      column += 1;
    }
  }
  return lines.map((line) => line.trimEnd()).join('\n');
}

const live = (): LogPrinter => new LogPrinter({ as: 'plain', withHeads: false, live: () => 20 });

describe('a line that grows on a terminal', () => {
  it('is shown as it grows, and rewritten in its place', () => {
    const printer = live();
    const steps = ['10%', '\r55%', '\r100% done', '\rok\u001b[K\n', 'next', ' word'];
    const screens = steps.map((_, at) => {
      const again = live();
      return screenOf(steps.slice(0, at + 1).flatMap((text) => again.take(chunk(text))));
    });

    expect(screens).toEqual(['10%', '55%', '100% done', 'ok\n', 'ok\nnext', 'ok\nnext word']);
    expect(printer.end()).toBe('');
  });

  it('is not drawn for every piece of a log that has more', () => {
    const printer = live();
    expect(printer.take(chunk('1%\r2%\r3%', 'out.log', false)).join('')).toBe('');
    expect(printer.end()).toBe('3%');
  });

  it('keeps within its row until it is complete', () => {
    const printer = live();
    const first = printer.take(chunk('x'.repeat(30)));
    const rest = printer.take(chunk('y\n'));

    expect(first).toEqual(['x'.repeat(19)]);
    expect(rest.join('')).toBe(`${'x'.repeat(11)}y\n`);
  });

  it('gives its row to another log, and is continued below it', () => {
    const printer = new LogPrinter({ as: 'plain', withHeads: true, live: () => 20 });
    const texts = [chunk('half'), chunk('other\n', 'err.log'), chunk(' whole\n')].flatMap((one) => printer.take(one));

    expect(screenOf([...texts, printer.end()])).toBe(
      '==> out.log <==\nhalf\n==> err.log <==\nother\n\n==> out.log <==\nhalf whole\n',
    );
  });
});

describe('bytes for a pipe', () => {
  it('are passed on as they are, with the names of the logs', () => {
    const printer = new LogPrinter({ as: 'raw', withHeads: true, live: null });
    const texts = printer.take(chunk('\u001b]0;x\u0007\r'));

    expect(Buffer.concat(texts.map((text) => Buffer.from(text))).toString()).toBe(
      '==> out.log <==\n\u001b]0;x\u0007\r',
    );
    expect(printer.end()).toBe('');
  });
});
