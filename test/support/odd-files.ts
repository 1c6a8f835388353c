import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';

/** What may stand where a file should be; each is made at a path where nothing is. */
export const ODD_FILES = {
  'a folder': (path) => {
    mkdirSync(path);
  },
  'a named pipe': (path) => {
    execFileSync('mkfifo', [path]);
  },
  'a link to itself': (path) => {
    symlinkSync(path, path);
  },
  'a link to nowhere': (path) => {
    symlinkSync('/nowhere/at/all', path);
  },
  'a link to /dev/zero': (path) => {
    symlinkSync('/dev/zero', path);
  },
  'a link to a file without size or end': (path) => {
    symlinkSync('/proc/self/pagemap', path);
  },
  'a link to a folder': (path) => {
    symlinkSync('/', path);
  },
  'a socket': (path) => {
    // The name stays when nobody listens any more.
    createServer().listen(path).unref();
  },
  'ten gigabytes of nothing': (path) => {
    writeFileSync(path, '');
    truncateSync(path, 10 * 1024 ** 3);
  },
  'an empty file': (path) => {
    writeFileSync(path, '');
  },
  'a file of NULs': (path) => {
    writeFileSync(path, Buffer.alloc(4096));
  },
} satisfies Readonly<Record<string, (path: string) => void>>;

/** Puts one of them in the place of what is there. */
export function putOdd(path: string, make: (path: string) => void): void {
  rmSync(path, { recursive: true, force: true });
  make(path);
}
