// npm run build [-- --clean] [-- --no-types]: src/ → dist/. See docs/explanation/decisions.md for why everything is bundled.
import { build } from './lib/builder.mjs';

const words = process.argv.slice(2);
const unknown = words.find((word) => !['--clean', '--no-types'].includes(word));
if (unknown !== undefined) {
  console.error(`build: ${unknown} is not known; there are --clean and --no-types.`);
  process.exit(2);
}
try {
  await build({ clean: words.includes('--clean'), types: !words.includes('--no-types'), log: console.error });
} catch (error) {
  console.error(`build: ${error.message}`);
  process.exitCode = 1;
}
