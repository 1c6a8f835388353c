import { build } from './builder.mjs';

/** Global set-up of vitest. The declarations are left out: no test reads them, and they take most of the time. */
export async function setup() {
  await build({ types: false });
}
