import { INPUTS_SCRIPT } from '../launch-scripts/beside.ts';
import { inputsCheckScript, SAID_OF_START } from '../launch-scripts/inputs-check.ts';
import type { OpenedData } from '../records/run-data.ts';

/** The check of the data that a run's script starts just before the entrypoint, as name and text. */
export function inputsBeside({
  data_inputs: inputs,
  tasks,
}: Pick<OpenedData, 'data_inputs' | 'tasks'>): readonly (readonly [name: string, text: string])[] {
  if (inputs === undefined) return [];
  return [[INPUTS_SCRIPT, tasks === undefined ? inputsCheckScript(inputs) : inputsCheckScript(inputs, SAID_OF_START)]];
}
