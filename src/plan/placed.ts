import { jsonDocument } from '../documents/json-document.ts';
import { problemIn } from '../documents/located.ts';
import { yamlDocument } from '../documents/yaml-document.ts';
import type { ProjectRead } from '../project/read.ts';
import type { Objection } from '../run/objection.ts';

/** An objection with its line and column in the file that it is about, if that was read. Pure. */
export function placed(
  { texts }: Pick<ProjectRead, 'texts'>,
  file: string,
  { pointer, ...objection }: Omit<Objection, 'problems'> & { readonly pointer: string },
): Objection {
  const text = texts[file];
  if (text === undefined) return objection;
  const document = file.endsWith('.json') ? jsonDocument(text, file) : yamlDocument(text, file);
  const { code, message } = objection;
  return { ...objection, problems: [problemIn(document, { pointer, code, message })] };
}
