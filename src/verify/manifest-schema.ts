import { judgedManifest } from './judged-manifest.ts';
import { failed, passed, type Verifier } from './results.ts';

/** The manifest has the shape of the schema and is about this run (R23). */
export const verifyManifestSchema: Verifier = (snapshot) => {
  const judged = judgedManifest(snapshot);
  if (!judged.ok) return failed(judged.message, judged.details);
  const { manifest, path } = judged;
  const wrong = (['iteration_id', 'run_id'] as const)
    .filter((name) => manifest[name] !== snapshot[name])
    .map((name) => `${path}: /${name}: ${JSON.stringify(manifest[name])}, but the folder is ${snapshot.run_folder}`);
  return wrong.length > 0 ? failed('The manifest is that of another run.', wrong) : passed('The manifest is valid.');
};
