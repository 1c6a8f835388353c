import { appendFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../test/support/project.ts';
import { AppendFile } from './append-file.ts';

test.each([
  [
    'cuts it',
    (path: string) => {
      truncateSync(path, 2);
    },
  ],
  [
    'adds to it',
    (path: string) => {
      appendFileSync(path, 'x');
    },
  ],
])('a file that somebody %s between two looks is not taken for what was left', (_what, damage) => {
  const path = join(temporaryFolder(), 'journal');
  const file = AppendFile.open(path);
  file.append('one\n');
  expect(file.sinceLeft()).toBe('as left');
  damage(path);
  file.append('two\n');
  expect(file.sinceLeft()).toBe('touched');
  file.remember();
  file.append('three\n');
  expect(file.sinceLeft()).toBe('as left');
  file.close();
});
