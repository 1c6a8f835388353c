/**
 * What of a project is code that must not change between approval and run. autolab's own records are not: they change
 * with every run. Pure.
 */
const OWN = [/^\.autolab\//, /^experiments\/[^/]+\/(runs|launch)\//, /^docs\/slurm_job_list\.md$/];

/** `path` is relative to the project root. */
export function isCode(path: string): boolean {
  return !OWN.some((pattern) => pattern.test(path));
}
