import { failed, passed, skipped, type Verifier } from './results.ts';

/** The manifest file is what the journal projects to, byte for byte (X3). */
export const verifyProjection: Verifier = ({ journal, manifest, projected }) => {
  if ('problem' in projected) return failed(`The journal cannot be projected: ${projected.problem}`);
  if (!journal.closed) return skipped('The run is not closed; its manifest is rewritten until then.');
  if (manifest.text === null) return failed(`${manifest.path} ${manifest.problem ?? ''}`);
  if (manifest.text === projected.text) return passed('The manifest is the projection of the journal.');
  const line = firstDifference(manifest.text.split('\n'), projected.text.split('\n'));
  const details = [`${manifest.path}:${line.number}:1: ${shown(line.found)}, the journal says ${shown(line.expected)}`];
  return failed('The manifest is not what its journal says.', details);
};

function firstDifference(
  found: readonly string[],
  expected: readonly string[],
): { number: number; found: string | undefined; expected: string | undefined } {
  let index = 0;
  while (found[index] === expected[index]) index += 1;
  return { number: index + 1, found: found[index], expected: expected[index] };
}

function shown(line: string | undefined): string {
  return line === undefined ? 'nothing' : JSON.stringify(line.trim().slice(0, 120));
}
