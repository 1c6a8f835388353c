import { describe, expect, it } from 'vitest';
import { parseProgress, rsyncArgv } from './rsync-command.ts';

describe('rsync', () => {
  it('gets its ssh command in one word, whatever the destination looks like', () => {
    const argv = rsyncArgv({
      ssh: ['ssh', '-T', '-o', 'ControlPath=/run/a b/%C'],
      destination: 'ssh://me@host:22',
      direction: 'pull',
      here: '/here',
      there: "/there it's",
    });
    expect(argv).toContain(
      '--rsh=sh -c "shift; exec ssh -T -o \'ControlPath=/run/a b/%C\' -- ""$0"" ""$@""" "ssh://me@host:22"',
    );
    expect(argv.slice(-2)).toEqual(["far:/there it's/", '/here/']);
    expect(argv.some((word) => word.startsWith('--delete'))).toBe(false);
  });

  it('says how far it is', () => {
    const text = '         32,768   0%    0.00kB/s    0:00:00\r  1,234,567  45%   10.53MB/s    0:00:12\r 2,0';
    expect(parseProgress(text)).toEqual({ bytes: 1_234_567, percent: 45, rate: '10.53MB/s', time: '0:00:12' });
    expect(parseProgress('sending incremental file list\n')).toBeNull();
  });
});
