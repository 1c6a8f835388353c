import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Linter } from 'eslint';
import { parser } from 'typescript-eslint';
import { describe, expect, it } from 'vitest';

// Plain JavaScript, because ESLint reads it as it is.
const settings = pathToFileURL(resolve('eslint.restrictions.js')).href;
const { restrictions } = (await import(settings)) as { restrictions: Linter.Config[] };

/** The rules that the code breaks when it stands in `filename`. */
function broken(filename: string, code: string): readonly string[] {
  const linter = new Linter({ cwd: process.cwd() });
  const config: Linter.Config[] = [
    // The parser's own types are newer than what ESLint asks for.
    { files: ['**/*.ts'], languageOptions: { parser: parser } },
    { files: ['**/*.mjs'] },
    ...restrictions,
  ];
  return linter.verify(code, config, { filename }).map((message) => message.ruleId ?? message.message);
}

/** A function of so many statements, each on a line, between comments and blank lines. */
function functionOf(lines: number): string {
  return `export function f() {\n${'  // Why.\n\n  g();\n'.repeat(lines - 2)}}\n`;
}

function functionWithBranches(count: number): string {
  return `export function f(x) {\n${'  if (x) g();\n'.repeat(count)}}\n`;
}

const CASES = {
  readsFiles: `import { readFileSync } from 'node:fs'; export { readFileSync };`,
  readsFilesLater: `import { readFile } from 'fs/promises'; export { readFile };`,
  startsProcesses: `import { spawn } from 'node:child_process'; export { spawn };`,
  startsThreads: `import { Worker } from 'node:worker_threads'; export { Worker };`,
  asksTheClock: `export const at = Date.now();`,
  asksForToday: `export const at = new Date().toISOString();`,
  measures: `export const at = performance.now();`,
  measuresToo: `export const at = process.hrtime.bigint();`,
  parsesATime: `export const at = Date.parse('2026-01-01T00:00:00Z') + new Date(0).getTime();`,
  readsTheEnvironment: `export const home = process.env['HOME'];`,
  drawsLots: `export const lot = Math.random();`,
  drawsToken: `import { newToken } from '../platform/ids.ts'; export const token = newToken();`,
  prints: `console.log('x');`,
  ends: `process.exit(1);`,
  exportsDefault: `export default 1;`,
  exportsWhatChanges: `export let mode = 1; mode += 1;`,
  countsWithEnum: `export enum Mode { Local }`,
  isLong: 'export {};\n'.repeat(401),
  hasLongFunction: functionOf(61),
  hasFunctionOfAScreen: functionOf(60),
  hasManyBranches: functionWithBranches(15),
  hasSomeBranches: functionWithBranches(14),
} as const;

describe('house rules of the linter', () => {
  it.each<[keyof typeof CASES, string, string]>([
    ['readsFiles', 'src/engine/driver.ts', 'no-restricted-imports'],
    ['readsFiles', 'src/cli/program.ts', 'no-restricted-imports'],
    ['readsFiles', 'src/records/journal.ts', 'no-restricted-imports'],
    ['readsFiles', 'src/records/digest-worker.ts', 'no-restricted-imports'],
    ['readsFiles', 'src/executors/local/supervisor/main.ts', 'no-restricted-imports'],
    ['readsFilesLater', 'src/verify/logs.ts', 'no-restricted-imports'],
    ['startsProcesses', 'src/engine/driver.ts', 'no-restricted-imports'],
    ['startsProcesses', 'src/records/digest-worker.ts', 'no-restricted-imports'],
    ['startsThreads', 'src/engine/driver.ts', 'no-restricted-imports'],
    ['startsThreads', 'src/platform/files.ts', 'no-restricted-imports'],
    ['startsThreads', 'src/records/projection.ts', 'no-restricted-imports'],
    ['asksTheClock', 'src/engine/driver.ts', 'no-restricted-syntax'],
    ['asksTheClock', 'src/platform/files.ts', 'no-restricted-syntax'],
    ['asksTheClock', 'src/records/projection-steps.ts', 'no-restricted-syntax'],
    ['asksForToday', 'src/executors/local/supervisor/main.ts', 'no-restricted-syntax'],
    ['measures', 'src/cli/main.ts', 'no-restricted-syntax'],
    ['measuresToo', 'src/cli/main.ts', 'no-restricted-syntax'],
    ['readsTheEnvironment', 'src/records/projection.ts', 'no-restricted-syntax'],
    ['drawsLots', 'src/records/projection.ts', 'no-restricted-syntax'],
    ['drawsToken', 'src/records/projection.ts', 'no-restricted-imports'],
    ['prints', 'src/engine/driver.ts', 'no-console'],
    ['ends', 'src/engine/driver.ts', 'no-restricted-properties'],
    ['ends', 'src/cli/program.ts', 'no-restricted-properties'],
    ['exportsDefault', 'src/engine/driver.ts', 'no-restricted-syntax'],
    ['exportsDefault', 'src/platform/time.ts', 'no-restricted-syntax'],
    ['exportsDefault', 'src/records/projection.ts', 'no-restricted-syntax'],
    ['exportsDefault', 'test/e2e/launch.test.ts', 'no-restricted-syntax'],
    ['exportsWhatChanges', 'src/platform/time.ts', 'no-restricted-syntax'],
    ['countsWithEnum', 'src/engine/driver.ts', 'no-restricted-syntax'],
    ['isLong', 'src/engine/driver.ts', 'max-lines'],
    ['isLong', 'test/e2e/launch.test.ts', 'max-lines'],
    ['hasLongFunction', 'src/run/claim.ts', 'max-lines-per-function'],
    ['hasLongFunction', 'scripts/lib/builder.mjs', 'max-lines-per-function'],
    ['hasManyBranches', 'src/run/claim.ts', 'complexity'],
    ['hasManyBranches', 'bench/launch.mjs', 'complexity'],
  ])('%s in %s breaks %s', (name, filename, rule) => {
    expect(broken(filename, CASES[name])).toContain(rule);
  });

  it.each<[keyof typeof CASES, string]>([
    ['readsFiles', 'src/platform/files.ts'],
    ['readsFiles', 'src/engine/driver.test.ts'],
    ['startsProcesses', 'src/platform/process.ts'],
    ['startsThreads', 'src/records/digest-pool.ts'],
    ['asksTheClock', 'src/platform/time.ts'],
    ['measures', 'src/platform/time.ts'],
    ['parsesATime', 'src/run/lease.ts'],
    ['parsesATime', 'src/records/projection.ts'],
    ['readsTheEnvironment', 'src/engine/driver.ts'],
    ['prints', 'src/cli/render/plain.ts'],
    ['ends', 'src/cli/main.ts'],
    ['hasFunctionOfAScreen', 'src/run/claim.ts'],
    ['hasSomeBranches', 'src/run/claim.ts'],
    ['hasLongFunction', 'src/run/claim.test.ts'],
    ['hasManyBranches', 'test/support/project.ts'],
  ])('%s is right in %s', (name, filename) => {
    expect(broken(filename, CASES[name])).toEqual([]);
  });
});
