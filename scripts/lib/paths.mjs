import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout these scripts belong to. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Where test runs leave their reports and logs; not under version control. */
export const OUTPUT = join(ROOT, '.test-output');

/** A program of node_modules, run by this Node: quicker than `npx`, and the same under npm 10 and 11. */
export function tool(relPath) {
  return [process.execPath, join(ROOT, 'node_modules', relPath)];
}
