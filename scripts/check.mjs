// npm run check [-- STAGE...]: everything about the code that needs no running of it.
import { build } from './lib/builder.mjs';
import { prepare } from './lib/prerequisites.mjs';
import { runStages, STAGES } from './lib/stages.mjs';

const words = process.argv.slice(2);
const unknown = words.find((word) => !STAGES.some((stage) => stage.name === word));
if (unknown !== undefined) {
  console.error(`check: there is no stage "${unknown}"; there are: ${STAGES.map((stage) => stage.name).join(', ')}.`);
  process.exit(2);
}
try {
  await prepare(console.error);
  await build({ log: console.error });
  const stages = STAGES.filter((stage) => words.length === 0 || words.includes(stage.name));
  const results = await runStages(stages, 2, console.log);
  process.exitCode = results.every((result) => result.ok) ? 0 : 1;
} catch (error) {
  console.error(`check: ${error.message}`);
  process.exitCode = 1;
}
