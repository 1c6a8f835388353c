import { renderRunPage } from '../../../src/report/page/run-page.ts';
import { sampleRecords } from './sample-records.ts';
import { sampleTasks } from './sample-tasks.ts';

/** Pages of the sample runs, by name. */
export function samplePages(): ReadonlyMap<string, string> {
  return new Map([...sampleRecords(), ...sampleTasks()].map(([name, record]) => [name, renderRunPage(record)]));
}
