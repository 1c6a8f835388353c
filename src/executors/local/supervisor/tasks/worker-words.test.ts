import { expect, test } from 'vitest';
import { LISTENING, nextWords } from './worker-words.ts';

const TIMES = '0m0.001s 0m0.002s\n';

test('what a worker says, in pieces', () => {
  const first = nextWords(LISTENING, `${TIMES}0m1.000s 0m0.500s\nready\npi`);
  expect(first.news).toEqual([{ kind: 'ready' }]);
  const second = nextWords(first.listening, `d 17\n${TIMES}1m1.500s 0m0,750s\nend 3\n`);
  expect(second.news).toEqual([
    { kind: 'pid', pid: 17 },
    { kind: 'end', exitCode: 3, signal: null, cpuMs: 60_750 },
  ]);
});

test('a message before the end says that a signal ended it', () => {
  const { listening, news } = nextWords(
    LISTENING,
    `pid 5\n/x.sh: line 7:     5 Killed   autolab_child\n${TIMES}${TIMES}end 137\n`,
  );
  expect(news[1]).toMatchObject({ exitCode: null, signal: 9 });
  expect(nextWords(listening, `pid 6\n${TIMES}${TIMES}end 137\n`).news[1]).toMatchObject({
    exitCode: 137,
    signal: null,
  });
  expect(nextWords(listening, `pid 6\nwords\n${TIMES}${TIMES}end 3\n`).news[1]).toMatchObject({
    exitCode: 3,
    signal: null,
  });
});
