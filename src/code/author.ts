import { git } from './git.ts';

/** Who wrote the code, as git names them: `NAME <ADDRESS>`. */

/** Records of autolab are no work of an author, though somebody commits them. */
const NO_WORK = ['**/.autolab/**', '**/review_result.json', '**/review_result.json.sig', '**/runs/**', '**/launch/**'];
/** Control characters in a name would steer a terminal. */
const CONTROL = /\p{Cc}/gu;

/** Of the last commit below `folder` that is not only a record; null if there is none. */
export async function lastAuthor(folder: string): Promise<string | null> {
  const left = NO_WORK.map((pattern) => `:(exclude,glob,top)${pattern}`);
  const shown = await git(folder, ['log', '-1', '--format=%an <%ae>', 'HEAD', '--', ':(top)', ...left]);
  return shown.exitCode === 0 ? textOrNothing(shown.stdout) : null;
}

/** The one whom git would name as the author of a commit made now; null if it knows none. */
export async function gitUser(folder: string): Promise<string | null> {
  const shown = await git(folder, ['var', 'GIT_AUTHOR_IDENT']);
  return shown.exitCode === 0 ? textOrNothing(shown.stdout.replace(/ \d+ [+-]\d+\s*$/, '')) : null;
}

function textOrNothing(text: string): string | null {
  const plain = text.replaceAll(CONTROL, '').trim();
  return plain === '' || plain === '<>' ? null : plain;
}
