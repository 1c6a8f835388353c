// npm run docs [-- --check]: writes the documents that are made from the sources, or says which are out of date.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generatedDocs } from './lib/generated-docs.mjs';
import { ROOT } from './lib/paths.mjs';

function textOf(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

const check = process.argv.includes('--check');
for (const [name, text] of Object.entries(await generatedDocs())) {
  const path = join(ROOT, name);
  if (textOf(path) === text) continue;
  if (check) {
    console.error(`${name} is not what the sources say; make it with \`npm run docs\`.`);
    process.exitCode = 1;
  } else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    console.error(`wrote ${name}`);
  }
}
