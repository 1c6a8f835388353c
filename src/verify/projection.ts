import { firstDifference } from '../records/first-difference.ts';
import { failed, passed, skipped, type Verifier } from './results.ts';

/** The manifest file is what the journal projects to, byte for byte (X3). */
export const verifyProjection: Verifier = ({ journal, manifest, projected }) => {
  if ('problem' in projected) return failed(`The journal cannot be projected: ${projected.problem}`);
  if (!journal.closed) return skipped('The run is not closed; its manifest is rewritten until then.');
  if (manifest.text === null) return failed(`${manifest.path} ${manifest.problem ?? ''}`);
  const difference = firstDifference(manifest.text, projected.text);
  if (difference === null) return passed('The manifest is the projection of the journal.');
  const { line, found, expected } = difference;
  const details = [`${manifest.path}:${line}:1: ${shown(found)}, the journal says ${shown(expected)}`];
  return failed('The manifest is not what its journal says.', details);
};

function shown(line: string | null): string {
  return line === null ? 'nothing' : JSON.stringify(line.trim().slice(0, 120));
}
