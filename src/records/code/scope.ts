/**
 * What of a project is code that must not change between approval and run. autolab's own records are not: they change
 * with every run. Pure.
 */
const OWN = [/^\.autolab\//, /^experiments\/[^/]+\/(runs|launch)\//, /^docs\/slurm_job_list\.md$/];

/** What a design asks for is recorded beside the code, and a fingerprint has that in place of the file. */
export function isDesign(path: string): boolean {
  return /^experiments\/[^/]+\/design\.yaml$/.test(path);
}

/** `path` is relative to the project root. */
export function isCodePath(path: string): boolean {
  return !OWN.some((pattern) => pattern.test(path));
}
