import { createInterface } from 'node:readline';
import { guardOutputs } from './print.ts';

/** Whether a question can be asked: it goes to stderr, and the answer comes from stdin. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** Asks for yes or no; no is the answer to everything else, to Ctrl-C and to the end of the input. */
export async function confirmed(question: string): Promise<boolean> {
  guardOutputs();
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await new Promise<string>((resolve) => {
      const none = (): void => {
        resolve('');
      };
      lines.on('SIGINT', none).on('close', none);
      lines.question(`${question} [y/N] `, resolve);
    });
    return /^\s*y(es)?\s*$/i.test(answer);
  } finally {
    lines.close();
  }
}
