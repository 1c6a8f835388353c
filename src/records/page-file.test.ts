import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isPage, layoutOf, pageHead, pageName, pagesOf, pageThere, sumsAt } from './page-file.ts';

const PAGE = `${pageHead(7)}<html></html>\n`;
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'autolab-test-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

describe('a page says its layout', () => {
  it.each([
    [PAGE, 7],
    ['<!doctype html>\n<html></html>', null],
    [`\n${PAGE}`, null],
    ['<!doctype html>\n<!-- autolab page, layout x -->\n', null],
    ['', null],
  ])('%j: %s', (text, layout) => {
    expect(layoutOf(text)).toBe(layout);
  });
});

describe('the place of the page of a run', () => {
  const sums = `${'0'.repeat(64)}  report.html\n`;

  it('is report.html, there or not', () => {
    expect(pageName(folder, null)).toBe('report.html');
    write('report.html', PAGE);
    expect(pageName(folder, '')).toBe('report.html');
    expect(pagesOf(folder, '')('report.html')).toBe(true);
  });

  it('can be told where there is no list of outputs, or a folder in its place', () => {
    expect(sumsAt(join(folder, 'artifacts.sha256'))).toBeNull();
    mkdirSync(join(folder, 'artifacts.sha256'));
    expect(sumsAt(join(folder, 'artifacts.sha256'))).toBeNull();
    expect(pageThere(folder, null)).toBeNull();
    write('report.html', PAGE);
    expect(pageThere(folder, null)).toBe('report.html');
  });

  it('is another where the run has a file of that name', () => {
    expect(pageName(folder, sums)).toBe('autolab-report.html');
    write('report.html', PAGE);
    expect(pagesOf(folder, sums)('report.html')).toBe(false);
  });

  it.each<[string, (path: string) => void]>([
    [
      'a file of somebody else',
      (path) => {
        writeFileSync(path, '<!doctype html>\n<h1>Mine</h1>');
      },
    ],
    [
      'an empty file',
      (path) => {
        writeFileSync(path, '');
      },
    ],
    [
      'a folder',
      (path) => {
        mkdirSync(path);
      },
    ],
    [
      'a link to a page',
      (path) => {
        write('page', PAGE);
        symlinkSync('page', path);
      },
    ],
    [
      'a link to nothing',
      (path) => {
        symlinkSync('nothing', path);
      },
    ],
  ])('is never that of %s', (_, make) => {
    make(join(folder, 'report.html'));
    expect(isPage(join(folder, 'report.html'))).toBe(false);
    expect(pageName(folder, null)).toBe('autolab-report.html');
    expect(pagesOf(folder, null)('report.html')).toBe(false);
    make(join(folder, 'autolab-report.html'));
    expect(pageName(folder, null)).toBeNull();
  });

  it('is at the top of the folder', () => {
    mkdirSync(join(folder, 'out'));
    write('out/report.html', PAGE);
    expect(pagesOf(folder, null)('out/report.html')).toBe(false);
  });
});
