import type { ApprovalCheck, ApprovalShown } from '../../index.ts';
import { dataText } from './data-text.ts';
import { tasksLines } from './tasks-text.ts';
import { visible } from './visible.ts';

/** What a reviewer sees before he approves. Pure. */

const MOST_FILES = 10;
/** By `host`, and by `time` and `memory` as they are written. */
const SAID_ELSEWHERE = ['location', 'time_seconds', 'memory_mb'];

export function approvalText(shown: ApprovalShown): string {
  const { approved, resources } = shown;
  const asked = Object.entries(resources ?? {}).filter(
    ([name, value]) =>
      !SAID_ELSEWHERE.includes(name) && value !== null && value !== 0 && value !== false && value !== '',
  );
  const lines: readonly (readonly [string, string])[] = [
    ['experiment', `${shown.experiment_id} (${shown.iteration_id})`],
    ['commit', shown.commit ?? 'none'],
    ...uncommittedLines(shown),
    ['author', shown.author ?? 'unknown to git'],
    ['design', `${shown.design} ${short(approved.design)}`],
    ['code', approved.code === null ? 'not listed: there is no git repository' : short(approved.code)],
    ...shown.data_inputs.map((input): [string, string] => ['data', dataText(input)]),
    ['command', shown.command],
    ...(shown.tasks === null ? [] : tasksLines(shown.tasks)),
    ['resources', asked.map(([name, value]) => `${name}=${wordsOf(value)}`).join(' ')],
    ['host', shown.host],
    ['approval', shown.approved_digest],
  ];
  const rows = lines.map(([name, value]) => `  ${name.padEnd(12)} ${visible(value)}`);
  return `To be approved:\n${[...rows, ...checkLines(shown.checks)].join('\n')}\n`;
}

export function checkLines(checks: readonly ApprovalCheck[]): readonly string[] {
  return checks.map(({ name, result, words }) => {
    const [first = '', ...others] = words.split('\n').map(visible);
    return [`  ${result.padEnd(5)} ${name}: ${first}`, ...others.map((line) => `        ${line}`)].join('\n');
  });
}

function uncommittedLines({ uncommitted }: ApprovalShown): readonly (readonly [string, string])[] {
  const few = uncommitted.slice(0, MOST_FILES).map((name): [string, string] => ['uncommitted', name]);
  const left = uncommitted.length - few.length;
  return left > 0 ? [...few, ['uncommitted', `and ${left} more`]] : few;
}

function short(digest: string | null): string {
  return digest === null ? '' : `(SHA-256 ${digest.slice(0, 12)}…)`;
}

function wordsOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
