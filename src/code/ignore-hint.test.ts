import { describe, expect, it } from 'vitest';
import { ignoreHint } from './ignore-hint.ts';

const files = (folder: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${folder}${index % 7}/${index}.py`);

describe('ignoreHint', () => {
  it('names the folder that holds most of the files, and counts', () => {
    const untracked = [...files('.venv/lib/', 38_912), ...files('notes/', 1088)];

    expect(ignoreHint(untracked, ['train.py'])).toBe(
      '40,000 files of the code are not tracked; 38,912 of them are in .venv: should git ignore it?',
    );
  });

  it.each([
    ['below folders with tracked files', ['projects/a/train.py'], 'projects/a/.venv'],
    ['if nothing is tracked', [], 'projects'],
    ['if tracked files are in it', ['projects/a/.venv/lib/0/tracked.py'], 'projects/a/.venv/lib'],
  ])('%s', (_, tracked, folder) => {
    expect(ignoreHint(files('projects/a/.venv/lib/', 2000), tracked)).toContain(` are in ${folder}: `);
  });

  it('says nothing of few files, or of files that are spread out', () => {
    expect(ignoreHint(files('.venv/', 999), [])).toBeNull();
    expect(ignoreHint([...files('a/', 1000), ...files('b/', 1000)], [])).toBeNull();
    expect(
      ignoreHint(
        Array.from({ length: 2000 }, (_, index) => `${index}.py`),
        [],
      ),
    ).toBeNull();
  });
});
