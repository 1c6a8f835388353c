import { canonicalJson } from '../documents/canonical-json.ts';
import { sha256 } from '../platform/ids.ts';

/** What a reviewer approved, as digests: `approved` in `review_result.json`. SHA-256, 64 hex digits. */
export interface Approved {
  /** Of the code's listing without the designs. */
  readonly code: string | null;
  /** Of the bytes of design.yaml. */
  readonly design: string | null;
  /** Of the bytes of docs/environment.md. */
  readonly environment: string | null;
  /** Path of a data file → its digest. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Of the list of tasks; null if there is one task. */
  readonly tasks: string | null;
  /** For people; never compared. */
  readonly commit: string | null;
}

/** As it is written: any part may be left out. */
type WrittenApproval = { readonly [Key in keyof Approved]?: Approved[Key] | null | undefined };

/** A digest that is left out was not approved, and is not compared. */
export function approvedFrom(written: WrittenApproval | null): Approved | null {
  if (written === null) return null;
  const { code, design, environment, inputs, tasks, commit } = written;
  return {
    code: code ?? null,
    design: design ?? null,
    environment: environment ?? null,
    inputs: inputs ?? {},
    tasks: tasks ?? null,
    commit: commit ?? null,
  };
}

/** What an approval is given to, as one digest: all of it but the commit, which is for people. SHA-256, 64 hex digits. */
export function approvedDigest({ code, design, environment, inputs, tasks }: Approved): string {
  return sha256(canonicalJson({ code, design, environment, inputs, tasks }));
}
