import { describe, expect, it } from 'vitest';
import { diskCheck, nodeCheck } from './doctor.ts';

describe('nodeCheck', () => {
  it.each([
    ['20.19.0', 'ok'],
    ['20.18.3', 'fail'],
    ['18.20.4', 'fail'],
    ['22.0.0', 'ok'],
  ])('%s is %s', (version, status) => {
    const check = nodeCheck(version);
    expect(check).toMatchObject({ name: 'node', status, found: version });
    expect(check.mend).toBe(status === 'ok' ? null : 'Install Node 20.19 or newer');
  });
});

describe('diskCheck', () => {
  it.each([
    [1024 ** 3, 'ok', '1.0 GiB'],
    [1024 ** 3 - 1, 'warn', '1.0 GiB'],
    [0, 'warn', '0.0 GiB'],
  ])('of %d bytes is %s', (free, status, shown) => {
    const check = diskCheck(free, '/lab');
    expect(check).toMatchObject({ name: 'disk space', status, found: `${shown} free in /lab` });
    expect(check.mend !== null).toBe(status === 'warn');
  });
});
