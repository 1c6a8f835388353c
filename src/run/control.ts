import type { Control } from './context.ts';

/** The user's control of the driver: what they asked, and a signal that ends the current wait each time. */
export class DriverControl implements Control {
  cancelBy: string | null = null;
  detach = false;
  private controller = new AbortController();

  get signal(): AbortSignal {
    // A signal that fired stays fired: the next wait needs a new one.
    if (this.controller.signal.aborted) this.controller = new AbortController();
    return this.controller.signal;
  }

  requestCancel(by: string): void {
    this.cancelBy = by;
    this.controller.abort();
  }

  requestDetach(): void {
    this.detach = true;
    this.controller.abort();
  }
}
