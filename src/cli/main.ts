import { VERSION } from '../version.ts';

/** Words in, one call of the core, words out. The only place that sets the exit status. */

const words = process.argv.slice(2);
// The most frequent call of scripts needs neither the parser nor a command.
if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) process.stdout.write(`${VERSION}\n`);
else {
  const { main } = await import('./program.ts');
  process.exitCode = await main(words);
}
