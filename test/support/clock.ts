import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './project.ts';

/** The clock of a program under test, that can be set while it runs. */
export interface TestClock {
  readonly env: Readonly<Record<string, string>>;
  /** Hours from the real time; negative ones are in the past. */
  readonly set: (hours: number) => void;
}

export function testClock(hours = 0): TestClock {
  const path = join(temporaryFolder(), 'clock');
  const set = (by: number): void => {
    writeFileSync(path, String(by * 3_600_000));
  };
  set(hours);
  return { env: { AUTOLAB_TEST_CLOCK: path }, set };
}
