import { run } from '../../platform/process.ts';
import { quoteArgv } from '../../platform/quoting.ts';
import type { CheckSettings } from '../../project/review-settings.ts';
import { type ApprovalCheck, endOfOutput, wordsOfEnd } from './check-outcome.ts';

const MOST_BYTES = 16 * 1024;

/** `tests`: the tests of the project, as launch.yaml names them. */
export async function runTests(
  root: string,
  { tests, timeout_seconds: seconds }: CheckSettings,
): Promise<ApprovalCheck> {
  if (tests === null)
    return { name: 'tests', result: 'skip', words: 'launch.yaml names none (checks: {tests: [COMMAND, …]})' };
  const line = quoteArgv(tests);
  // What failed stands at the end, however much is printed before.
  let tail = Buffer.alloc(0);
  const keep = (chunk: Buffer): void => {
    tail = Buffer.concat([tail, chunk]).subarray(-MOST_BYTES);
  };
  const ended = await run(tests, {
    ...{ cwd: root, timeoutMs: seconds * 1000, maxBytes: 0 },
    onStdout: keep,
    onStderr: keep,
  });
  if (ended.exitCode === 0) return { name: 'tests', result: 'pass', words: `\`${line}\` passed` };
  const end = endOfOutput({ stdout: tail.toString('utf8'), stderr: '' });
  const words = `\`${line}\` ${wordsOfEnd(ended, seconds)}${end === '' ? '' : `: ${end}`}`;
  return { name: 'tests', result: 'fail', words };
}
