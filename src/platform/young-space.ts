import { setFlagsFromString } from 'node:v8';
import { after } from './time.ts';

/**
 * V8 lets the space for young objects grow with all that ever passes through it, to 33 MB. A command that waits for days has
 * no use for it: after its first minute the space stays as it is.
 */

const AFTER_MS = 60_000;
/** V8's own, which what is kept of the code for the next start must have been made with. */
const USUAL_FACTOR = 2;

let stays = false;

function growBy(factor: number): void {
  setFlagsFromString(`--semi-space-growth-factor=${factor}`);
}

export function boundYoungSpace(): void {
  after(AFTER_MS, () => {
    stays = true;
    growBy(1);
  }).unref();
}

/** At the end of the command. */
export function unboundYoungSpace(): void {
  if (stays) growBy(USUAL_FACTOR);
}
