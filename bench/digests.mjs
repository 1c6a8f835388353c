import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { compare, inSeconds, interleaved, QUICK, secondsOf, secondsOfProgram } from './measure.mjs';
import { LIBRARY, temporaryFolder } from './project.mjs';

const FILES = QUICK ? 1000 : 10_000;
const FILE_BYTES = 4096;
const TASKS = QUICK ? 1000 : 10_000;
const LARGE_MIB = QUICK ? 128 : 2048;
const BLOCK_MIB = 16;

/** Digests of a run's outputs, beside `sha256sum` on the same files, which are in the page cache for both. */
export async function digests() {
  const { digestFiles } = await import(LIBRARY);
  const root = temporaryFolder();
  const small = makeSmallFiles(root);
  const large = makeLargeFile(root);
  const tasks = makeTasks(root);
  const count = FILES.toLocaleString('en');
  const size = `${LARGE_MIB.toLocaleString('en')} MiB`;
  const rows = [];
  for (const [what, paths, aim] of [
    [`digests of ${count} files of 4 KiB`, small, '< 1'],
    [`digest of one file of ${size}`, [large], '< 1'],
    [`digests of ${count} files and one of ${size}`, [...small, large], '< 1'],
    [`digests of the outputs of ${TASKS.toLocaleString('en')} tasks`, tasks, '< 1.3'],
  ]) {
    const stdin = { cwd: root, input: paths.join('\0'), stdio: ['pipe', 'ignore', 'pipe'] };
    const taken = await interleaved(3, {
      sha256sum: () => secondsOfProgram(['xargs', '-0', 'sha256sum', '--'], stdin),
      autolab: () => secondsOf(() => digestFiles(root, paths)),
    });
    const against = { name: '`sha256sum`', seconds: taken.sha256sum };
    rows.push(compare(what, { seconds: taken.autolab }, against, aim, inSeconds));
  }
  return rows;
}

function makeSmallFiles(root) {
  const paths = Array.from({ length: FILES }, (_, index) => `small/${index % 100}/${index}.bin`);
  for (let folder = 0; folder < 100; folder += 1) mkdirSync(join(root, 'small', String(folder)), { recursive: true });
  for (const path of paths) writeFileSync(join(root, path), randomBytes(FILE_BYTES));
  return paths;
}

/** As each task leaves it: a model, its metrics, and its two logs, one of them empty. */
function makeTasks(root) {
  const outputs = { 'model.bin': 16 * FILE_BYTES, 'metrics.json': 64, 'stdout.log': FILE_BYTES, 'stderr.log': 0 };
  return Array.from({ length: TASKS }, (_, index) => {
    const folder = `tasks/${index}`;
    mkdirSync(join(root, folder), { recursive: true });
    return Object.entries(outputs).map(([name, bytes]) => {
      writeFileSync(join(root, folder, name), randomBytes(bytes));
      return `${folder}/${name}`;
    });
  }).flat();
}

function makeLargeFile(root) {
  const block = randomBytes(BLOCK_MIB * 1024 * 1024);
  const handle = openSync(join(root, 'large.bin'), 'w');
  for (let written = 0; written < LARGE_MIB; written += BLOCK_MIB) writeSync(handle, block);
  closeSync(handle);
  return 'large.bin';
}
