import { SECRET_DELETED } from '../code/patch.ts';
import type { RepositoryRecord } from '../records/manifest-schema.ts';
import type { CodeFacts } from './code-facts.ts';
import { judgedManifest } from './judged-manifest.ts';
import { counted, passed, skipped, type Verifier, warned } from './results.ts';

/**
 * Whether `autolab code --checkout` could rebuild what ran, as far as that costs little: commits, patches, and what they
 * leave out. It never fails a run: the run is what it is.
 */
export const verifyCodeRebuildable: Verifier = (snapshot) => {
  const judged = judgedManifest(snapshot);
  if (!judged.ok) return skipped('There is no valid manifest to read it from.');
  const repositories = judged.manifest.commit.repositories ?? [];
  const { code } = snapshot;
  if (repositories.length === 0 || code === null) return skipped('The record names no repositories.');
  const details = repositories.flatMap((repository) => lackingOf(repository, code));
  if (details.length > 0)
    return warned(`${counted(details.length, 'thing')} missing for a rebuild of the code.`, details);
  if (code.commits === null) return skipped('git reads no repository here.');
  return passed(
    repositories.length === 1
      ? 'The commit is here, and so is the patch if there is one.'
      : `The commits and patches of ${repositories.length} repositories are here.`,
  );
};

function lackingOf({ path, sha, dirty, patch }: RepositoryRecord, { commits, patches }: CodeFacts): readonly string[] {
  const place = path === '.' ? '' : `${path}/`;
  const lost = commits?.[path] === false ? [`${path}: the commit ${sha ?? ''} is not here`] : [];
  if (patch === null) return dirty ? [...lost, `${path}: its changes could not be recorded`] : lost;
  const there = patches[patch.file] ?? null;
  const what = there === null ? 'is missing' : 'has changed';
  return [
    ...lost,
    ...(there === patch.sha256 ? [] : [`${patch.file}: ${what}; its sha256 was ${patch.sha256}`]),
    ...patch.left_out
      .filter(({ reason }) => reason !== SECRET_DELETED)
      .map(({ path: name, reason }) => `${place}${name}: ${reason}`),
  ];
}
