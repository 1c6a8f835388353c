import { loadPacked } from '../platform/packs.ts';
import { VERSION } from '../platform/version.ts';
import { writeAtOnce } from '../platform/write-at-once.ts';
import type * as Program from './program.ts';

/** Words in, one call of the facade, words out. The only place that sets the exit status. */

/** The build's name for the first pack of the program. */
declare const AUTOLAB_PROGRAM: string;

const words = process.argv.slice(2);
// The most frequent call of scripts needs neither the parser nor a command.
if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) printVersion();
else void call();

async function call(): Promise<void> {
  // As Node does for a module: if nothing is left to do before the call is answered, that is no success.
  process.exitCode = 13;
  const slot = /^[a-z][a-z-]*$/.exec(words[0] ?? '')?.[0] ?? null;
  const { exports, keep } = loadPacked(__dirname, AUTOLAB_PROGRAM, './program.js', slot);
  const { isVerb, leaveUnread, main } = exports as typeof Program;
  process.exitCode = await main(words);
  if (slot !== null && isVerb(slot)) keep();
  leaveUnread(() => {
    process.exit();
  });
}

/** Without the stream, which takes longer to make than all the rest. */
function printVersion(): void {
  const left = writeAtOnce(1, `${VERSION}\n`);
  if (left.length === 0) return;
  process.stdout.on('error', () => undefined);
  process.stdout.write(left);
}
