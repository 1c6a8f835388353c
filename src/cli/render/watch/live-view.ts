import type { WatchedRun } from '../../../index.ts';
import { glyphsFor } from '../../../platform/terminal/glyphs.ts';
import { goneSignal } from '../../print.ts';
import { frame } from './frame.ts';
import { FullScreen } from './full-screen.ts';
import { textOfLine } from './spans.ts';
import { keysIn, nextView, type ViewInput, type ViewState } from './state.ts';

/** The live view of a run on a terminal, from its first picture until the user leaves, or a signal does. */

export interface LiveViewOrders {
  readonly color: boolean;
  readonly cancel: () => void;
}

export class LiveView {
  /** Fires when the view is left; the reason is the signal that did it, or null. */
  readonly left: AbortSignal;
  private readonly controller = new AbortController();
  private readonly orders: LiveViewOrders;
  private readonly screen = new FullScreen((text) => {
    this.typed(text);
  });
  private readonly glyphs = glyphsFor(process.env);
  private state: ViewState | null = null;
  private readonly stops: (() => void)[] = [];

  constructor(orders: LiveViewOrders) {
    this.orders = orders;
    this.left = this.controller.signal;
  }

  show(run: WatchedRun): void {
    if (this.left.aborted) return;
    if (this.state === null) this.begin(run);
    else this.take({ kind: 'run', run });
  }

  /** What became of a cancel. */
  tell(words: string, isDone: boolean): void {
    this.take({ kind: 'cancel', words, isDone });
  }

  /** Gives the terminal back. Harmless to repeat. */
  end(): void {
    this.leave(null);
    for (const stop of this.stops.splice(0)) stop();
  }

  private begin(run: WatchedRun): void {
    this.state = { run, mode: 'view', cancel: null };
    this.listen();
    this.screen.enter();
    this.draw();
  }

  private take(input: ViewInput): void {
    if (this.state === null || this.left.aborted) return;
    const { state, action } = nextView(this.state, input);
    this.state = state;
    if (action === 'leave') this.leave(null);
    else if (action === 'suspend') this.suspend();
    else if (action === 'redraw') this.screen.clear();
    else if (action === 'cancel') this.orders.cancel();
    this.draw();
  }

  /** What was pasted, or typed before the question was seen, is no answer to it. */
  private typed(text: string): void {
    for (const key of keysIn(text)) {
      const before = this.state?.mode;
      this.take({ kind: 'key', key });
      if (this.state?.mode === 'question' && before !== 'question') return;
    }
  }

  private draw(): void {
    if (this.state === null || this.left.aborted) return;
    const size = this.screen.size();
    const lines = frame(this.state, size, this.glyphs);
    this.screen.draw(lines.map((line) => textOfLine(line, size.width, this.orders.color)));
  }

  private leave(signal: NodeJS.Signals | null): void {
    this.screen.leave();
    if (!this.left.aborted) this.controller.abort(signal);
  }

  private listen(): void {
    const onResize = (): void => {
      this.screen.clear();
      this.draw();
    };
    const leave = (): void => {
      this.leave(null);
    };
    process.stdout.on('resize', onResize);
    process.stdin.on('end', leave).on('error', leave);
    goneSignal('stdout').addEventListener('abort', leave);
    // Before Node prints what went wrong, which would be lost with the other screen; and, for all else, at the very end.
    process.on('uncaughtExceptionMonitor', this.screen.leave).on('exit', this.screen.leave);
    this.stops.push(() => {
      process.stdout.off('resize', onResize);
      process.stdin.off('end', leave).off('error', leave);
      goneSignal('stdout').removeEventListener('abort', leave);
      process.off('uncaughtExceptionMonitor', this.screen.leave).off('exit', this.screen.leave);
    });
    this.onSignals();
  }

  private onSignals(): void {
    const leaveBy = (signal: NodeJS.Signals): void => {
      // Ctrl-C of a terminal that sends it although the keys are ours.
      this.leave(signal === 'SIGINT' ? null : signal);
    };
    const again = (): void => {
      this.return();
    };
    const suspend = (): void => {
      this.suspend();
    };
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, leaveBy);
    process.on('SIGTSTP', suspend).on('SIGCONT', again);
    this.stops.push(() => {
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(name, leaveBy);
      process.off('SIGTSTP', suspend).off('SIGCONT', again);
    });
  }

  /** Stops as a program without a handler would: it depends on the shell whether anyone can continue it. */
  private suspend(): void {
    this.screen.leave();
    const listeners = process.listeners('SIGTSTP');
    process.removeAllListeners('SIGTSTP');
    process.kill(process.pid, 'SIGTSTP');
    for (const listener of listeners) process.on('SIGTSTP', listener);
    this.return();
  }

  private return(): void {
    if (this.left.aborted) return;
    this.screen.leave();
    this.screen.enter();
    this.draw();
  }
}
