import { ACTIVATION_FILE } from '../launch-scripts/activation.ts';
import type { OpenedData } from '../records/run-data.ts';

/** What the script of a run reads from its `receipt/`: a long activation, as name and text. */
export function activationBeside({
  documents: { activation },
}: Pick<OpenedData, 'documents'>): readonly (readonly [name: string, text: string])[] {
  return activation === undefined ? [] : [[ACTIVATION_FILE, activation]];
}
