import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { isCode } from '../../src/errors/catalog.ts';
import type { Problem } from '../../src/errors/problem.ts';
import { readGuardDocuments, readProject } from '../../src/project/read.ts';
import type { State } from '../../src/project/state.ts';
import { type LedgerRow, ledgerRow, rowsOfRun } from '../../src/records/ledger.ts';
import { appendToLedger } from '../../src/records/ledger-file.ts';
import { cpuMs, family, randomFrom, SEED, size } from '../support/campaign.ts';
import { DOCUMENTS } from '../support/documents.ts';
import { mutate } from '../support/mutations.ts';
import { ODD_FILES, putOdd } from '../support/odd-files.ts';
import { temporaryFolder, write } from '../support/project.ts';
import { SLOW_MS } from '../support/runs.ts';

const CASES = size(10_000, 500);
/** For one document, of the processor's time: a busy machine must not make a test fail. */
const LONGEST_MS = 2_000;
const LONGEST_MESSAGE = 1_000;
const LONGEST_TOLD = 300_000;
/** Of a file as a whole, these have no place in it. */
const WHOLE_FILE = [
  'file.missing',
  'file.not_a_file',
  'file.unreadable',
  'file.too_large',
  'file.binary',
  'file.empty',
];
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/u;

vi.setConfig({ testTimeout: size(4, 1) * SLOW_MS });

const { count } = family('hostile documents');

function expectTold(problem: Problem, file: string, what: string): void {
  expect(isCode(problem.code), `${what}: ${problem.code} is in the catalogue`).toBe(true);
  expect(problem.file, what).toBe(file);
  expect(problem.message.length, `${what}: ${problem.message.slice(0, 200)}`).toBeLessThan(LONGEST_MESSAGE);
  expect(UNPRINTABLE.exec(problem.message), `${what}: ${JSON.stringify(problem.message)}`).toBeNull();
  if (problem.line === null) {
    const whole = WHOLE_FILE.includes(problem.code) || /more problems|no bash block/.test(problem.message);
    expect(whole, `${what}: ${problem.code} has a place: ${problem.message}`).toBe(true);
  } else {
    expect(problem.line, what).toBeGreaterThan(0);
    expect(problem.column, what).toBeGreaterThan(0);
  }
}

function goodProject(): { readonly root: string; readonly state: State } {
  const root = temporaryFolder();
  for (const [file, text] of Object.entries(DOCUMENTS)) write(root, file, text);
  const guard = readGuardDocuments(root);
  if (!guard.ok) throw new Error('the good documents are bad');
  expect([...guard.value.problems, ...readProject(root, guard.value.state).problems]).toEqual([]);
  return { root, state: guard.value.state };
}

test('a spoilt document is read or refused, with its problems by their places, and in a moment', async () => {
  const random = randomFrom(SEED);
  const { root, state } = goodProject();
  const files = Object.keys(DOCUMENTS);
  for (let index = 0; index < CASES; index += 1) {
    const file = files[index % files.length] ?? '';
    const { how, bytes } = mutate(DOCUMENTS[file] ?? '', random);
    const what = `seed ${SEED}, case ${index}, ${file}, ${how}`;
    write(root, file, bytes);
    const began = cpuMs();
    const guard = readGuardDocuments(root);
    const project = readProject(root, guard.ok ? guard.value.state : state);
    const took = cpuMs() - began;
    write(root, file, DOCUMENTS[file] ?? '');
    expect(took, what).toBeLessThan(LONGEST_MS);
    const problems = [...(guard.ok ? guard.value.problems : guard.failure.problems), ...project.problems];
    // A state that is sound but for another iteration has other documents.
    if (guard.ok && guard.value.state.iteration_id !== 'iter1') {
      count('read, for another iteration');
      continue;
    }
    if (index % 100 === 0) await new Promise(setImmediate);
    for (const problem of problems) expectTold(problem, file, what);
    expect(JSON.stringify(problems).length, what).toBeLessThan(LONGEST_TOLD);
    const errors = problems.filter(({ severity }) => severity === 'error');
    expect(errors.length > 0, what).toBe(!guard.ok || project.failedCodes.length > 0);
    count(errors.length === 0 ? 'read' : `refused: ${errors[0]?.code ?? ''}`);
  }
});

const ROW: LedgerRow = { date: '2026-11-24', job_id: '12', iteration_id: 'iter1', run_id: 'r1', cluster: null };

test('a spoilt ledger gets its row, once, or is refused; what stands in it stays', async () => {
  const random = randomFrom(SEED);
  const good = `# Slurm jobs\n\n${['r10', 'r2'].map((run_id) => `${ledgerRow({ ...ROW, run_id })}\n`).join('')}`;
  const path = join(temporaryFolder(), 'list.md');
  for (let index = 0; index < size(1_000, 50); index += 1) {
    const { how, bytes } = mutate(good, random);
    const what = `seed ${SEED}, ledger ${index}, ${how}`;
    writeFileSync(path, bytes);
    const began = cpuMs();
    const outcomes = [await appendToLedger(path, ROW), await appendToLedger(path, ROW)];
    expect(cpuMs() - began, what).toBeLessThan(LONGEST_MS);
    const after = readFileSync(path);
    if (outcomes.some(({ ok }) => !ok)) {
      expect(
        outcomes.every((one) => !one.ok && one.failure.code === 'ledger.invalid'),
        what,
      ).toBe(true);
      expect(after.equals(Buffer.from(bytes)), what).toBe(true);
      count('refused: ledger.invalid');
      continue;
    }
    expect(rowsOfRun(after.toString('utf8'), 'r1').length, what).toBe(1);
    const whole = Buffer.from(bytes).subarray(0, Buffer.from(bytes).lastIndexOf(10) + 1);
    expect(after.subarray(0, whole.length).equals(whole), `${what}: the whole lines stay`).toBe(true);
    count('row appended');
  }
});

test('whatever stands in the place of a document is told as such, and in a moment', () => {
  const { root, state } = goodProject();
  for (const [odd, make] of Object.entries(ODD_FILES)) {
    for (const [file, text] of Object.entries(DOCUMENTS)) {
      const what = `${odd} as ${file}`;
      putOdd(join(root, file), make);
      const began = cpuMs();
      const guard = readGuardDocuments(root);
      const project = readProject(root, guard.ok ? guard.value.state : state);
      expect(cpuMs() - began, what).toBeLessThan(LONGEST_MS);
      rmSync(join(root, file), { recursive: true });
      write(root, file, text);
      const problems = [...(guard.ok ? [] : guard.failure.problems), ...project.problems];
      for (const problem of problems) expectTold(problem, file, what);
      const mayBeMissing = odd === 'a link to nowhere' && problems.length === 0;
      expect(mayBeMissing || problems.length === 1, `${what}: ${JSON.stringify(problems)}`).toBe(true);
      count(problems[0] === undefined ? 'read' : `refused: ${problems[0].code}`);
    }
  }
});
