/** A run asked to end before it began must not begin: the request is remembered from the first moment on. */
export class EndRequest {
  #wasMade = false;
  #tell: (() => void) | null = null;

  constructor() {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      process.on(signal, () => {
        const tell = this.#tell;
        this.#wasMade = true;
        this.#tell = null;
        tell?.();
      });
    }
  }

  wasMade(): boolean {
    return this.#wasMade;
  }

  /** Calls it once; at once if the request was made before. */
  whenMade(act: () => void): void {
    if (this.#wasMade) act();
    else this.#tell = act;
  }
}
