import { ENVIRONMENT_SCRIPT } from '../launch-scripts/beside.ts';
import { environmentScript } from '../launch-scripts/environment-script.ts';
import type { OpenedData } from '../records/run-data.ts';
import { OBSERVED_FORMAT } from './observe.ts';

/** The script that writes down what the entrypoint finds, as name and text; none for a run of an older format. */
export function environmentBeside({
  format,
  entrypoint,
}: Pick<OpenedData, 'format' | 'entrypoint'>): readonly (readonly [name: string, text: string])[] {
  return format < OBSERVED_FORMAT ? [] : [[ENVIRONMENT_SCRIPT, environmentScript(entrypoint.argv)]];
}
