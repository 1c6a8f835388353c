import { describe, expect, it } from 'vitest';
import { folderOf, isDelegated, ownPath } from './cgroup-place.ts';
import { isOfLogin } from './user-scope.ts';

const MOUNTS = `31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:9 - cgroup2 cgroup2 rw
`;

describe('the folder of a cgroup', () => {
  it.each([
    ['a hybrid hierarchy', '/user.slice', MOUNTS, '/sys/fs/cgroup/unified/user.slice'],
    ['version 2 alone', '/', '30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n', '/sys/fs/cgroup/'],
    [
      'a part that is mounted',
      '/pod/a/b',
      '30 23 0:26 /pod/a /sys/fs/cgroup rw - cgroup2 none rw\n',
      '/sys/fs/cgroup/b',
    ],
    ['a path with a space', '/x', '30 23 0:26 / /my\\040cgroups rw - cgroup2 none rw\n', '/my cgroups/x'],
    ['another part', '/other', '30 23 0:26 /pod/a /sys/fs/cgroup rw - cgroup2 none rw\n', null],
    ['version 1 alone', '/', '35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n', null],
  ])('%s', (_name, path, mounts, folder) => {
    expect(folderOf(path, mounts)).toBe(folder);
  });

  it.each([
    ['9:name=systemd:/\n4:memory:/a\n0::/user.slice/a:b\n', '/user.slice/a:b'],
    ['0::/\n', '/'],
    ['0::/../other\n', null],
    ['4:memory:/a\n', null],
  ])('is of the path in %j', (text, path) => {
    expect(ownPath(text)).toBe(path);
  });
});

const THEIRS = { user: 1000, owner: 1000, isWritable: true, hasType: true, isRoot: false };

it.each([
  ['an ordinary user owns it', {}, true],
  ['somebody else does', { owner: 0 }, false],
  ['it is read-only', { isWritable: false }, false],
  ['root, on a plain machine', { user: 0, owner: 0 }, false],
  ['root, in a container of its own', { user: 0, owner: 0, isRoot: true }, true],
  ['root, in the root of the hierarchy', { user: 0, owner: 0, isRoot: true, hasType: false }, false],
])('delegated: %s', (_name, parts, delegated) => {
  expect(isDelegated({ ...THEIRS, ...parts })).toBe(delegated);
});

it.each([
  ['/user.slice/user-1000.slice/session-3.scope', true],
  ['/user.slice/user-1000.slice/user@1000.service/app.slice/x.scope', true],
  ['/user.slice/user-1001.slice/session-3.scope', false],
  ['/system.slice/slurmstepd.scope/job_7/step_0/user/task_0', false],
  ['/', false],
  [null, false],
])('a scope may be left for one of the user: %s', (path, may) => {
  expect(isOfLogin(path, 1000)).toBe(may);
});
