import { whereOf } from '../errors/problem.ts';
import { lintLocalScript } from '../launch-scripts/lint.ts';
import { isSlurmScript, lintSlurmScript } from '../launch-scripts/slurm-lint.ts';
import { sha256 } from '../platform/ids.ts';
import { SITE_MEMORY } from '../project/compute/memory.ts';
import { failed, passed, skipped, type Verifier, warned } from './results.ts';

/**
 * The script that was run follows the rules, and its digest is the manifest's. The text is the journal's: the
 * file under `launch/` belongs to the iteration, and a later launch may have made it anew. Its length is not judged here.
 */
export const verifyScriptLint: Verifier = ({ journal, script }) => {
  if (journal.opened === null) return skipped('The journal does not say which script was run.');
  const { documents, entrypoint } = journal.opened;
  if (sha256(documents.script) !== entrypoint.script_sha256 && journal.opened.withheld === true)
    return warned('The script had credentials in it and is not in the journal; the file that had it is gone.', []);
  if (sha256(documents.script) !== entrypoint.script_sha256)
    return failed('The script in the journal is not the one whose digest was recorded.');
  const { format, resource_request: asked } = journal.opened;
  const options = { maxLines: null, format, siteMemory: asked.memory === SITE_MEMORY };
  const lint = isSlurmScript(documents.script, entrypoint.script) ? lintSlurmScript : lintLocalScript;
  const problems = lint(documents.script, entrypoint.script, options);
  if (problems.length > 0)
    return failed(
      'The script breaks the rules.',
      problems.map((problem) => `${whereOf(problem)}: ${problem.message}`),
    );
  if (script.text === documents.script)
    return passed('The script follows the rules and has not changed since the run.');
  const details = [`${script.path}: ${script.problem ?? 'has been replaced'}`];
  return warned('The script that was run follows the rules; the file has changed since.', details);
};
