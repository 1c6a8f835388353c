import { hasErrors, parsed, problemAtOffset } from '../../documents/located.ts';
import { placesOf } from '../../documents/positions.ts';
import type { Code } from '../../errors/catalog.ts';
import type { Parsed, Problem } from '../../errors/problem.ts';

/** What a file of tasks says, before it is judged. */
export interface TaskRows {
  readonly names: readonly string[];
  /** Of every row: where it begins, and its values in the order of the names. */
  readonly rows: readonly { readonly offset: number; readonly values: readonly string[] }[];
}

/** Further problems are not looked for: a wrong column is wrong in every line. */
const MOST = 50;

/** Collects the problems of one file of tasks. */
export class FileNotes {
  readonly problems: Problem[] = [];
  private readonly file: string;
  private readonly placeAt: ReturnType<typeof placesOf>;

  constructor(file: string, text: string) {
    this.file = file;
    this.placeAt = placesOf(text);
  }

  get isFull(): boolean {
    return this.problems.length > MOST;
  }

  add(offset: number, code: Code, message: string): void {
    if (!this.isFull) this.problems.push(problemAtOffset(this.file, this.placeAt(offset), code, message));
  }

  lineOf(offset: number): number {
    return this.placeAt(offset).line;
  }

  result<T>(value: T | null): Parsed<T> {
    return parsed(this.file, hasErrors(this.problems) ? null : value, this.problems);
  }
}
