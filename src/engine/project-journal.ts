import { parseJournal } from '../records/journal.ts';
import { projectManifestText } from '../records/projection.ts';
import { replay } from '../records/run-view.ts';
import { writesOf } from '../run/agent-result.ts';

/** Turns a journal's text into what the verifiers compare with: they do not know the launcher. Pure. */
export type JournalProjection =
  { readonly text: string; readonly writes: readonly string[] } | { readonly problem: string };

export function projectJournal(journalText: string): JournalProjection {
  const read = parseJournal(journalText);
  if (read.kind === 'corrupt') return { problem: `line ${read.line}: ${read.reason}` };
  const view = replay(read.entries, read.head);
  return view === null
    ? { problem: 'it does not open a run' }
    : { text: projectManifestText(view), writes: writesOf(view) };
}
