import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';

/** Names of the packages whose code is in the bundles, by esbuild's list of inputs. */
export function bundledPackages(inputs) {
  const names = new Set();
  for (const input of inputs) {
    // The last node_modules of the path: a nested copy is another version, with a licence of its own.
    const match = /^(.*node_modules\/((?:@[^/]+\/)?[^/]+))\//.exec(input);
    if (match !== null) names.add(match[1]);
  }
  return [...names].sort();
}

/** The text of THIRD_PARTY_LICENSES.txt. Throws where a package ships no licence: then it must not be bundled. */
export function licenceTexts(folders) {
  const parts = folders.map((folder) => {
    const meta = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
    const file = readdirSync(join(ROOT, folder)).find((name) => /^licen[cs]e(\.|$)/i.test(name));
    if (file === undefined) throw new Error(`${meta.name} ships no licence file; it cannot be bundled.`);
    const text = readFileSync(join(ROOT, folder, file), 'utf8')
      .replaceAll('\r\n', '\n')
      .trim();
    return `${meta.name} ${meta.version} (${meta.license})\n\n${text}\n`;
  });
  const head = 'The files in this folder contain code of the following packages.\n';
  return [head, ...parts].join(`\n${'-'.repeat(80)}\n\n`);
}
