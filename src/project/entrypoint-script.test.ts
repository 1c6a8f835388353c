import { expect, it } from 'vitest';
import { entrypointScript } from './entrypoint-script.ts';

it.each<readonly [string, string | null]>([
  ['python train.py --lr 0.1', 'train.py'],
  ['python3.12 -u -W ignore train.py', 'train.py'],
  ['/opt/venv/bin/python train.py', 'train.py'],
  ['bash -x run.sh', 'run.sh'],
  ['./run.sh --fast', './run.sh'],
  ['bin/train', 'bin/train'],
  ['python -m package.train', null],
  ['python -c pass', null],
  ['python {{run_dir}}/made.py', null],
  ['node --import ./hook.mjs main.mjs', 'main.mjs'],
  ['train --lr 0.1', null],
  ['deno run main.ts', null],
  ['python', null],
])('%s needs the file %s', (line, file) => {
  expect(entrypointScript(line.split(' '))).toBe(file);
});
