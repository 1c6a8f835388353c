import { VERSION } from '../platform/version.ts';

/** Words in, one call of the facade, words out. The only place that sets the exit status. */

const words = process.argv.slice(2);
// The most frequent call of scripts needs neither the parser nor a command.
if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) {
  process.stdout.on('error', () => undefined);
  process.stdout.write(`${VERSION}\n`);
} else {
  const { leaveUnread, main } = await import('./program.ts');
  process.exitCode = await main(words);
  leaveUnread(() => {
    process.exit();
  });
}
