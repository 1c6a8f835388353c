import { Composer, type CST, type Document, type ParsedNode, type YAMLError } from 'yaml';
import type { Problem } from '../errors/problem.ts';
import { plainly } from './excerpt.ts';
import { type LocatedDocument, problemAtOffset, problemOfFile } from './located.ts';
import { type Place, placesOf } from './positions.ts';
import { tokenize } from './yaml-tokens.ts';
import { yamlValue } from './yaml-value.ts';

/** Further problems are only consequences of the first ones. */
const MOST_SYNTAX_PROBLEMS = 10;

/** The library's message, or a better one for common mistakes. */
function wordsFor(error: YAMLError): string {
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return 'a tab is used to indent; YAML takes spaces only';
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'a second `: ` on this line; put quotes around a value that contains one';
    case 'TAG_RESOLVE_FAILED':
      return `${plainly(error.message)}; tags are not used here, remove it`;
    default:
      return plainly(error.message);
  }
}

export interface YamlOptions {
  /** A file of comments only is an empty mapping: in such a file everything has a default. */
  readonly emptyIsMapping?: boolean;
}

function firstTwoDocuments(tokens: Iterable<CST.Token>, length: number): Document.Parsed<ParsedNode, boolean>[] {
  const composer = new Composer({
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
    version: '1.2',
    merge: false,
  });
  const documents: Document.Parsed<ParsedNode, boolean>[] = [];
  for (const document of composer.compose(tokens, true, length)) {
    documents.push(document);
    if (documents.length > 1) break;
  }
  return documents;
}

/**
 * A YAML 1.2 text (core schema) whose top level is a mapping, with the position of every value. Never throws, never
 * hangs.
 */
export function yamlDocument(source: string, file: string, options: YamlOptions = {}): LocatedDocument {
  const text = source.startsWith('\uFEFF') ? source.slice(1) : source;
  const placeAt = placesOf(text);
  const refused = (...problems: Problem[]): LocatedDocument => ({
    file,
    text,
    value: undefined,
    problems,
    root: null,
    placeAt,
  });
  const tokens = tokenize(text);
  if (!tokens.ok) return refused(problemAtOffset(file, placeAt(tokens.offset), 'file.syntax', tokens.message));

  const [document, second] = firstTwoDocuments(tokens.tokens, text.length);
  if (document === undefined) return refused(problemOfFile(file, 'file.empty', 'the file is empty'));
  const syntax = syntaxProblems(document, second, file, placeAt);
  if (syntax.length > 0) return refused(...syntax);

  const { contents } = document;
  const converted = contents === null ? null : yamlValue(contents, text);
  if (converted === null || converted.value === null) {
    if (options.emptyIsMapping === true && text.trim() !== '')
      return { file, text, value: {}, problems: [], root: null, placeAt };
    return refused(problemOfFile(file, 'file.empty', 'there is nothing in the file but comments or blank lines'));
  }
  const problems = converted.complaints.map(({ offset, code, message, path }) =>
    problemAtOffset(file, placeAt(offset), code, message, path),
  );
  // Further problems would only be consequences of missing values.
  if (problems.some(({ code }) => code === 'file.alias_bomb')) return refused(...problems);
  const { value, node } = converted;
  if (typeof value !== 'object' || Array.isArray(value)) {
    return refused(
      problemAtOffset(
        file,
        placeAt(node.start),
        'value.type',
        'the file should be a mapping: lines of `key: value`',
        [],
      ),
    );
  }
  return { file, text, value: value as Record<string, unknown>, problems, root: node, placeAt };
}

function syntaxProblems(
  document: Document.Parsed<ParsedNode, boolean>,
  second: Document.Parsed<ParsedNode, boolean> | undefined,
  file: string,
  placeAt: (offset: number) => Place,
): Problem[] {
  const problems = [...document.errors, ...document.warnings]
    .slice(0, MOST_SYNTAX_PROBLEMS)
    .map((error) =>
      problemAtOffset(file, placeAt(error.pos[0]), 'file.syntax', `not well-formed YAML: ${wordsFor(error)}`),
    );
  const { version } = document.directives.yaml;
  if (version !== '1.2') {
    const message = `\`%YAML ${version}\` reads times and words differently; remove this line (the file is read as YAML 1.2)`;
    problems.push(problemAtOffset(file, placeAt(0), 'file.syntax', message));
  }
  if (second !== undefined && problems.length === 0) {
    const message = 'a second document begins here; leave one document, without `---` between values';
    problems.push(problemAtOffset(file, placeAt(second.range[0]), 'file.syntax', message));
  }
  return problems;
}
