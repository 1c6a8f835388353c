// An order that is carried out after its client has given up: `node late-order.mjs ORDER`, by the fault `carried_out_late`.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sleep } from './answer.mjs';
import { scancel } from './commands/scancel.mjs';
import { scontrol } from './commands/scontrol.mjs';
import { openStore, readJson, writeJson } from './store.mjs';

/** `order`: the command's name and words, and after how many seconds. Nothing stops it. */
export function orderLater(store, order) {
  const path = join(store.folder, `late-order-${process.pid}.json`);
  writeJson(path, order);
  const env = { PATH: process.env['PATH'], AUTOLAB_FAKE_SLURM: store.folder };
  const program = new URL(import.meta.url).pathname;
  spawn(process.execPath, [program, path], { detached: true, stdio: 'ignore', env }).unref();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [path] = process.argv.slice(2);
  const { name, words, seconds } = readJson(path);
  await sleep(seconds);
  ({ scancel, scontrol })[name](openStore(process.env['AUTOLAB_FAKE_SLURM']), words, []);
  rmSync(path);
}
