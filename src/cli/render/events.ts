import type { GlobalOptions } from '../command.ts';
import { guardOutputs, isTerminal, print } from '../print.ts';
import { plainLine } from './plain.ts';
import type { EventPrinter } from './printer.ts';

export async function eventPrinter(globals: GlobalOptions): Promise<EventPrinter> {
  if (globals.quiet || (globals.json && !globals.verbose))
    return {
      show: () => {
        /* Not asked for. */
      },
      end: () => {
        /* Nothing to end. */
      },
    };
  if (!isTerminal('stderr') || globals.json || process.env['TERM'] === 'dumb') return plainPrinter();
  return lazyScreen(globals);
}

/** The live screen is loaded only for a terminal. */
async function lazyScreen(globals: GlobalOptions): Promise<EventPrinter> {
  guardOutputs();
  const { createScreen } = await import('./tty.ts');
  return createScreen(globals.color);
}

function plainPrinter(): EventPrinter {
  return {
    show: (event) => {
      const line = plainLine(event);
      if (line !== null) print('stderr', `${line}\n`);
    },
    end: () => {
      /* Nothing to end. */
    },
  };
}
