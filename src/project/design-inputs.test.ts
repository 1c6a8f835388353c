import { describe, expect, it } from 'vitest';
import { parseDesign } from './design.ts';

const design = (inputs: string): ReturnType<typeof parseDesign> =>
  parseDesign(
    `id: d1\niteration_id: iter1\nentrypoint: {command: [a]}\ncompute: {location: local, time: "00:05:00"}\n${inputs}\n`,
    'design.yaml',
  );

describe('inputs', () => {
  it('are paths, or paths with how they are compared', () => {
    const { value, problems } = design('inputs: [data/, "/set/*.h5", {path: big.bin, check: size, required: false}]');
    expect(problems).toEqual([]);
    expect(value?.inputs).toEqual([
      { path: 'data', check: 'digest', required: true },
      { path: '/set/*.h5', check: 'digest', required: true },
      { path: 'big.bin', check: 'size', required: false },
    ]);
    expect(design('').value?.inputs).toEqual([]);
    expect(design('inputs:').value?.inputs).toEqual([]);
  });

  it.each([
    ['data', 'must be a list of paths of data'],
    ['{path: data}', 'must be a list of paths of data'],
    ['[""]', 'must not be empty'],
    ['[.]', 'must name the folder of the data'],
    ['[/]', 'must name the folder of the data'],
    ['[../data]', 'write an absolute path'],
    ['[./data]', 'must be written plainly: `data`'],
    ['[//data]', 'must be written plainly: `/data`'],
    ['[.autolab/cache]', "must not lead into autolab's own folder"],
    ['["{.autolab,x}/*"]', "must not lead into autolab's own folder"],
    ['["~/data"]', 'write the whole path instead of `~`'],
    ['["$DATA/x"]', 'write the whole path instead of a variable'],
    ['["{{scratch}}/x"]', 'has no placeholders'],
    ['["-x"]', 'must not begin with `-`'],
    ['["a\\\\b"]', 'no backslash'],
    ['["a\\nb"]', 'invisible character U+000A'],
    ['["a[b"]', 'never closes it'],
    ['["a[é]"]', 'brackets around other characters'],
    ['["a[+-9]"]', 'brackets around other characters'],
    ['["{a/b,c}"]', 'must not have a `/` within braces'],
    ['["a}"]', 'closes a brace'],
    [`["${'{a,b}'.repeat(7)}"]`, 'more than 100 patterns'],
    ['[data, data/]', 'a second time'],
    ['[{path: data, check: sizes}]', 'did you mean `size`?'],
    ['[{path: data, check: true}]', 'must be `digest` or `size`'],
    ['[{path: data, required: 1}]', 'must be `true` or `false`'],
    ['[{check: size}]', 'is missing'],
    ['[{path: data, chek: size}]', 'did you mean `check`?'],
    ['[3]', 'must be text'],
  ])('%s is a problem at its place', (inputs, words) => {
    const { value, problems } = design(`inputs: ${inputs}`);
    expect(value).toBeNull();
    expect(problems.map(({ message }) => message).join('\n')).toContain(words);
    expect(problems[0]).toMatchObject({ line: 5, pointer: expect.stringContaining('/inputs') as string });
  });

  it('are reported all at once', () => {
    const { problems } = design('inputs: ["", ~, {path: "~/x", check: a}]\nartifacts: [""]');
    expect(problems.map(({ pointer }) => pointer).sort()).toEqual([
      '/artifacts/0',
      '/inputs/0',
      '/inputs/1',
      '/inputs/2/check',
      '/inputs/2/path',
    ]);
  });
});
