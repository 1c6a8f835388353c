import { secretsOf, withoutSecrets } from '../../platform/redact.ts';
import type { REQUIRED_CHECKS } from '../../project/required-checks.ts';

/** What a check of `approve` found. */
export interface ApprovalCheck {
  readonly name: (typeof REQUIRED_CHECKS)[number];
  readonly result: 'pass' | 'fail' | 'skip';
  /** For the user: what was found, or why nothing was checked. */
  readonly words: string;
  /** What helps, if it is known. */
  readonly hint?: string;
}

const LINES = 8;
const MOST = 800;

/** The end of a program's output, for a sentence; '' if it printed nothing. */
export function endOfOutput({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): string {
  const lines = `${stdout}\n${stderr}`
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
  const end = lines.slice(-LINES).join('\n');
  return withoutSecrets(end, secretsOf(process.env)).slice(-MOST);
}

/** How a program ended, for a sentence. */
export function wordsOfEnd(
  ended: {
    readonly exitCode: number | null;
    readonly signal: string | null;
    readonly timedOut: boolean;
    readonly spawnError: string | null;
  },
  seconds: number,
): string {
  if (ended.spawnError !== null) return `cannot be started: ${ended.spawnError}`;
  if (ended.timedOut) return `did not end within ${seconds} s`;
  return ended.signal === null ? `ended with status ${String(ended.exitCode)}` : `was ended by ${ended.signal}`;
}
