import { join } from 'node:path';
import type { Problem } from '../errors/problem.ts';
import { type Links, readDocument } from '../platform/document.ts';
import { shown } from './excerpt.ts';
import { problemOfFile } from './located.ts';

const MEBIBYTE = 1024 * 1024;

/** A document as it is on disk. */
export interface SourceRead {
  /** Path relative to the project root. */
  readonly file: string;
  /** Without BOM; null if it could not be read or is empty. */
  readonly text: string | null;
  /** The file began with a byte order mark: a writer of the text must put it back. */
  readonly bom: boolean;
  /** Of the raw bytes; null if they were not read. */
  readonly sha256: string | null;
  readonly missing: boolean;
  readonly problems: readonly Problem[];
}

function sized(bytes: number): string {
  return bytes < MEBIBYTE ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / MEBIBYTE).toFixed(1)} MiB`;
}

/** Reads one text document, up to a limit in bytes. An error with the file becomes a problem; nothing is thrown. */
export function readSource(
  root: string,
  file: string,
  limit: number = MEBIBYTE,
  links: Links = 'followed',
): SourceRead {
  const read = readDocument(join(root, file), limit, links);
  const refused = (problem: Problem, missing = false, sha256: string | null = null): SourceRead => ({
    file,
    text: null,
    bom: false,
    sha256,
    missing,
    problems: [problem],
  });
  switch (read.kind) {
    case 'missing':
      return refused(problemOfFile(file, 'file.missing', 'there is no such file'), true);
    case 'not_a_file':
      return refused(problemOfFile(file, 'file.not_a_file', `${read.what} is in the place of the file; move it away`));
    case 'unreadable':
      return refused(
        problemOfFile(
          file,
          'file.unreadable',
          `the file cannot be read (${shown(read.reason)}); check its permissions`,
        ),
      );
    case 'too_large': {
      const message = `the file has ${sized(read.bytes)}, and at most ${sized(read.limit)} are read; put data into other files`;
      return refused(problemOfFile(file, 'file.too_large', message));
    }
    case 'binary': {
      const message = `the file is not UTF-8 text: byte ${read.offset} does not belong there; save it as UTF-8`;
      return refused(problemOfFile(file, 'file.binary', message));
    }
    case 'text':
      if (read.text.trim() === '')
        return refused(problemOfFile(file, 'file.empty', 'the file is empty'), false, read.sha256);
      return { file, text: read.text, bom: read.bom, sha256: read.sha256, missing: false, problems: [] };
  }
}
