import { INPUTS_SCRIPT } from '../launch-scripts/beside.ts';
import { inputsCheckScript } from '../launch-scripts/inputs-check.ts';
import type { OpenedData } from '../records/run-data.ts';

/** The check of the data that a run's script starts just before the entrypoint, as name and text. */
export function inputsBeside({
  data_inputs: inputs,
}: Pick<OpenedData, 'data_inputs'>): readonly (readonly [name: string, text: string])[] {
  return inputs === undefined ? [] : [[INPUTS_SCRIPT, inputsCheckScript(inputs)]];
}
