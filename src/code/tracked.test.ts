import { describe, expect, it } from 'vitest';
import { parseConfig, parseHead, parseListed, parseTree } from './tracked.ts';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);

describe('parseListed (git 2.39, ls-files -z -t -v --stage)', () => {
  it('tells tracked, hidden, untracked files, and nested repositories', () => {
    const answer = [
      '? new file',
      '? nested/',
      `H 100644 ${A} 0\ta\tb.py`,
      `S 100755 ${A} 0\tskipped`,
      `h 120000 ${A} 0\tassumed`,
      `s 100644 ${A} 0\tboth`,
      `H 160000 ${B} 0\tlib/sub`,
      `M 100644 ${A} 1\tconflict`,
      `M 100644 ${B} 2\tconflict`,
      '',
    ].join('\0');
    const { tracked, untracked, odd } = parseListed(Buffer.from(answer));
    expect([...tracked].map(([name, { mode, hidden }]) => [name, mode, hidden])).toEqual([
      ['a\tb.py', '100644', null],
      ['skipped', '100755', 'skip-worktree'],
      ['assumed', '120000', 'assume-unchanged'],
      ['both', '100644', 'skip-worktree'],
      ['lib/sub', '160000', null],
      ['conflict', '100644', null],
    ]);
    expect(untracked).toEqual(['new file', 'nested/']);
    expect(odd).toEqual([]);
  });

  it('sets names aside that are not UTF-8', () => {
    const { untracked, odd } = parseListed(Buffer.from([0x3f, 0x20, 0xff, 0]));
    expect([untracked, odd]).toEqual([[], ['\uFFFD']]);
  });
});

describe('parseTree (git 2.39, ls-tree -r -z)', () => {
  it('parts files from submodules', () => {
    const { files, submodules } = parseTree(Buffer.from(`100644 blob ${A}\ta\n\tb\x00160000 commit ${B}\tlib/sub\0`));
    expect([...files]).toEqual([['a\n\tb', { mode: '100644', blob: A }]]);
    expect([...submodules]).toEqual([['lib/sub', B]]);
  });
});

describe('parseHead (git 2.39, status --porcelain=v2 --branch -z)', () => {
  it.each([
    [`# branch.oid ${A}\0# branch.head main\0# branch.ab +0 -0\x001 .M N...\0`, { sha: A, branch: 'main' }],
    ['# branch.oid (initial)\0# branch.head trunk\0', { sha: null, branch: 'trunk' }],
    [`# branch.oid ${A}\0# branch.head (detached)\0`, { sha: A, branch: null }],
  ])('%j', (text, head) => {
    expect(parseHead(text)).toEqual(head);
  });
});

describe('parseConfig (git 2.39, config -z --get-regexp)', () => {
  it('reads values with line breaks, and a name without a value', () => {
    expect([...parseConfig('core.filemode\nfalse\0remote.a b.url\nx\ny\0core.bare\0')]).toEqual([
      ['core.filemode', 'false'],
      ['remote.a b.url', 'x\ny'],
      ['core.bare', 'true'],
    ]);
  });
});
