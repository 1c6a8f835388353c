import { pathsFrom } from '../../code/listing-text.ts';
import type { Profile } from '../../project/profiles.ts';
import { designFileOf, type ProjectRead } from '../../project/read.ts';
import type { Objection } from '../../run/objection.ts';
import type { CodeLook } from '../look-at-code.ts';
import { placed } from '../placed.ts';
import { sharesFiles } from '../shares-files.ts';
import type { InputsLook } from './look.ts';

/** What a run that does not work in the project itself would not find. Pure. */
export function unseenInputs(
  { paths }: InputsLook,
  { project, code: { lookup }, remote }: UnseenIn,
  link: readonly string[] | null,
): readonly Objection[] {
  if (link === null && sharesFiles(remote)) return [];
  // Without git all of the project is sent.
  if (lookup.kind !== 'git') return [];
  const names = new Set(lookup.names.map(pathsFrom(lookup.prefix)));
  const isLinked = (path: string): boolean => (link ?? []).some((at) => path === at || path.startsWith(`${at}/`));
  const unseen = paths.filter(({ path }) => !names.has(path) && !(sharesFiles(remote) && isLinked(path)));
  const perInput = new Map(unseen.map((one) => [one.pointer, one]));
  const file = designFileOf(project.draft?.iteration_id ?? '');
  return [...perInput.values()].map(({ pointer, input, path }) =>
    placed(project, file, { code: 'inputs.missing', pointer, ...wordsOfUnseen(input, path, remote) }),
  );
}

interface UnseenIn {
  readonly project: ProjectRead;
  readonly code: CodeLook;
  readonly remote: Profile | null;
}

function wordsOfUnseen(input: string, path: string, remote: Profile | null): Pick<Objection, 'message' | 'hint'> {
  if (sharesFiles(remote))
    return {
      message: `The snapshot of the code would not have the data input ${path}.`,
      hint: `Link it: code: {link: [${JSON.stringify(input.split(/\/[^/]*[*?[{]/)[0] ?? input)}]} in .autolab/launch.yaml, or write an absolute path.`,
    };
  return {
    message: `The data input ${path} is not code, so it would not be sent to ${remote?.login_host ?? ''}.`,
    hint: `Copy the data there, and write their absolute path on that host in the design.`,
  };
}
