import { quotedYaml, yamlScalar } from '../../documents/yaml-text.ts';
import type { TaskSource, TaskSpec } from './task-spec.ts';

/** `tasks` of a design as lines of YAML, so that each value is read again as it is written. Pure. */

export function taskLines(spec: TaskSpec): readonly string[] {
  const { source, max_parallel, max_failures, workers, time_seconds } = spec;
  const limits = { max_parallel, max_failures, workers };
  return [
    'tasks:',
    ...sourceLines(source),
    ...Object.entries(limits).flatMap(([key, value]) => (value === null ? [] : [`  ${key}: ${value}`])),
    ...(time_seconds === null ? [] : [`  time: ${quotedYaml(clock(time_seconds))}`]),
  ];
}

function sourceLines(source: TaskSource): readonly string[] {
  switch (source.kind) {
    case 'file':
      return [`  file: ${yamlScalar(source.file)} # a line a task`];
    case 'list':
      return [
        '  list:',
        ...source.rows.map((row) => {
          const pairs = source.names.map((name, at) => `${yamlScalar(name)}: ${valueText(row[at] ?? '')}`);
          return `    - {${pairs.join(', ')}}`;
        }),
      ];
    case 'grid':
      return [
        '  grid: # all combinations, the first name slowest',
        ...source.axes.map(({ name, values }) => `    ${yamlScalar(name)}: [${values.map(valueText).join(', ')}]`),
      ];
  }
}

/** What every reader takes for a number and shows again as it stands, if its spelling is kept. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/;

function valueText(value: string): string {
  return NUMBER.test(value) || value === 'true' || value === 'false' ? value : yamlScalar(value);
}

function clock(seconds: number): string {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}
