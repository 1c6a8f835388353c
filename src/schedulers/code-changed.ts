import { firstFew } from '../platform/listing.ts';

/** What the script's prologue wrote into `receipt/code_changed`. Pure. */

/** The files that are not what was approved, relative to the project root; null if the code was as approved. */
export function changedFiles(text: string | null): readonly string[] | null {
  if (text === null) return null;
  const files = text.split('\n').flatMap((line) => {
    const [, checked, listed] = /^\\?(.*): FAILED(?: open or read)?$|^(?:added|removed): (.*)$/.exec(line) ?? [];
    return checked ?? listed ?? [];
  });
  return [...new Set(files)];
}

/** What the check of the data wrote into `receipt/inputs_changed`; null if they were as at the launch. */
export function changedInputs(text: string | null): readonly string[] | null {
  if (text === null) return null;
  const files = text.split('\n').flatMap((line) => {
    const [, checked, listed, other] =
      /^\\?(.*): FAILED(?: open or read)?$|^(?:added|removed|changed): (.*)$|^(cannot be .*)$/.exec(line) ?? [];
    return checked ?? listed ?? other ?? [];
  });
  return [...new Set(files)];
}

/** `: a, b and 3 more`; '' if no names are known. */
export function named(files: readonly string[]): string {
  return files.length === 0 ? '' : `: ${firstFew(files, 5)}`;
}

/** What to do about files that changed; nothing beyond the code's own hint if none is known. */
export function hintOnChanged(files: readonly string[] | null, fromSnapshot: boolean): { readonly hint?: string } {
  const [first] = files ?? [];
  if (fromSnapshot)
    return { hint: 'The snapshot of the code was written to. Remove it: autolab clean. Then launch again.' };
  if (first === undefined) return {};
  // The run's own copy of a file that autolab wrote; it is made anew.
  if (first.startsWith('receipt/')) return { hint: "Do not change files in the run's folder. Launch again." };
  const hint = `If ${first} is not code, let git ignore it, or write to .autolab/launch.yaml: code: {ignore: [${JSON.stringify(first)}]}. If it is, restore it, or approve it again: autolab approve --by WHO; with code: {run_from: snapshot} you can edit it while a run waits. Then launch again.`;
  return { hint };
}
