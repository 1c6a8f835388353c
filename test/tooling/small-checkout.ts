import { cpSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The least that has the shape of the real sources: five entries, a lazily loaded chunk, a file beside the entries. */
const PACKS = `import { loadPacked } from '../platform/packs.ts'; declare const AUTOLAB_PROGRAM: string;`;
const SOURCES: Readonly<Record<string, string>> = {
  'src/cli/main.ts': `${PACKS} void (loadPacked(__dirname, AUTOLAB_PROGRAM, './program.js', null).exports as any).main(process.argv[2] ?? '');`,
  'src/cli/program.ts': `export async function main(word: string) { const { parse } = await import('./lazy.ts'); console.log(parse('a: 1').a, word); }`,
  'scripts/lib/together.mjs': `export const TOGETHER = { program: ['src/cli/program.ts'] };`,
  'src/cli/lazy.ts': `export { parse } from 'yaml'; export const sibling = import.meta.dirname + '/digest-worker.js';`,
  'src/library.ts': `export { schema, type Thing } from './records/thing.ts'; export { thing } from './records/make.ts';`,
  'src/records/thing.ts': `import * as z from 'zod'; export const schema = z.object({ id: z.string() }); export type Thing = z.infer<typeof schema>;`,
  'src/records/make.ts': `import type { Thing } from './thing.ts'; export function thing(): Thing { return { id: 'x' }; }`,
  'src/records/digest-worker.ts': `export {};`,
  'src/executors/local/supervisor/supervise.ts': `export const superviseRun = () => { console.log('supervisor'); };`,
};

/** As they are here: what they load are the sources above. */
const OURS = [
  'src/platform/packs.ts',
  'src/platform/code-cache.ts',
  'src/platform/packed-library.ts',
  'src/executors/local/supervisor/main.ts',
];

/** A checkout in a new temporary folder, with this one's scripts and node_modules and the sources above. */
export function smallCheckout(): string {
  const root = mkdtempSync(join(tmpdir(), 'autolab-build-'));
  for (const name of ['package.json', 'package-lock.json', 'tsconfig.json', 'vitest.config.js'])
    cpSync(name, join(root, name));
  cpSync('scripts', join(root, 'scripts'), { recursive: true });
  symlinkSync(join(process.cwd(), 'node_modules'), join(root, 'node_modules'));
  for (const path of OURS) cpSync(path, join(root, path));
  for (const [path, text] of Object.entries(SOURCES)) writeInto(root, path, text);
  return root;
}

export function writeInto(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
