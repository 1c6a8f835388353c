import { failed, passed, type Verifier, warned } from './results.ts';

/** The journal's chain is intact from the first line to the last. */
export const verifyJournal: Verifier = ({ journal }) => {
  if (journal.problem !== null)
    return failed(`The journal is damaged: ${journal.problem}.`, [`${journal.path}: ${journal.problem}`]);
  if (journal.torn > 0) {
    const details = [
      `${journal.path}:${journal.lines + 1}:1: ${journal.torn} characters of a line that was not finished`,
    ];
    return warned('A crash cut the last line of the journal short; the next driver removes it.', details);
  }
  return passed(`The chain of ${journal.lines} lines is intact.`);
};
