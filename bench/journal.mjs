import { createHash } from 'node:crypto';
import { compare, interleaved, QUICK, secondsOf } from './measure.mjs';
import { LIBRARY } from './project.mjs';

const LINES = QUICK ? 10_000 : 100_000;

/** Replaying a journal far longer than any run makes, beside only parsing its JSON and hashing its lines. */
export async function journal() {
  const { parseJournal, replay } = await import(LIBRARY);
  const text = makeJournal();
  const taken = await interleaved(5, {
    floor: () => secondsOf(() => readBare(text)),
    replay: () =>
      secondsOf(() => {
        const { entries, head } = parseJournal(text);
        if (replay(entries, head)?.head.lines !== LINES) throw new Error('the journal was not replayed to its end');
      }),
  });
  return [
    compare(
      `replaying a journal of ${LINES.toLocaleString('en')} lines`,
      { seconds: taken.replay },
      { name: '`JSON.parse` and SHA-256 of each line', seconds: taken.floor },
      '',
    ),
  ];
}

function sha256(text) {
  return createHash('sha256').update(text).digest('hex');
}

function readBare(text) {
  for (const line of text.split('\n')) if (line !== '') sha256(line + JSON.parse(line).seq);
}

/** Each line as the writer makes it: sorted keys, chained by `prev`. */
function makeJournal() {
  const lines = [];
  let prev = '0'.repeat(64);
  for (let seq = 1; seq <= LINES; seq += 1) {
    const [step, event, data] =
      seq === 1
        ? ['claim', 'run.opened', { position: { max_stage_attempts: 5, stage: 'launch', stage_attempt: 0 } }]
        : ['execute', 'step.intent', { attempt: seq }];
    const line = JSON.stringify({
      at: '2026-01-01T00:00:00.000Z',
      data,
      driver: 'bench',
      epoch: 1,
      event,
      prev,
      seq,
      step,
    });
    prev = sha256(line);
    lines.push(line);
  }
  return `${lines.join('\n')}\n`;
}
