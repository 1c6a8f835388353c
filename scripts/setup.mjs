// npm run setup [-- GROUP...]: installs the commands and npm packages that building and testing need. Without a GROUP:
// everything that `npm test` uses. `npm test` and `npm run demo` call this when something is missing.
import { setUp } from './lib/prerequisites.mjs';
import { GROUPS } from './lib/requirements.mjs';

const words = process.argv.slice(2);
const unknown = words.find((word) => !Object.hasOwn(GROUPS, word));
if (unknown !== undefined) {
  console.error(`setup: there is no group "${unknown}"; there are: ${Object.keys(GROUPS).join(', ')}.`);
  process.exit(2);
}
try {
  const groups = words.length > 0 ? words : ['base', 'browser', 'ssh', 'slurm', 'accounting'];
  if (!(await setUp(groups, console.log))) console.log(`Nothing is missing for: ${groups.join(', ')}.`);
} catch (error) {
  console.error(`setup: ${error.message}`);
  process.exitCode = 1;
}
