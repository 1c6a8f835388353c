import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The door to V8's memory. */

let collect: (() => void) | null = null;

/**
 * Frees what nothing refers to any more. V8 lets garbage pile up beside a small live heap, up to what it finds fair for a server;
 * a driver shares the login node.
 */
export function freeMemory(): void {
  if (collect === null) {
    // The function is in contexts that are made after the flag, and in no other.
    setFlagsFromString('--expose-gc');
    const found: unknown = runInNewContext('gc');
    setFlagsFromString('--no-expose-gc');
    collect = typeof found === 'function' ? () => void Reflect.apply(found, undefined, []) : () => undefined;
  }
  collect();
}
