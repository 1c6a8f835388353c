import { describe, expect, it } from 'vitest';
import { containerImage, interpreterWords } from './interpreter-words.ts';

/** The interpreter as one line; null if it is not to be asked. */
function words(line: string): string | null {
  const found = interpreterWords(line.split(' '));
  return found === null ? null : [...found.assignments, found.program, ...found.options].join(' ');
}

describe('the interpreter of an entrypoint', () => {
  it.each([
    ['python3 -m train --epochs 3', 'python3'],
    ['/env/bin/python3.11 -u -Es train.py -I', '/env/bin/python3.11 -Es'],
    ['python -Wignore -c x', 'python'],
    ['node train.mjs', 'node'],
    ['./train.py --seed 1', './train.py'],
    ['env OMP_NUM_THREADS=4 python3 train.py', 'OMP_NUM_THREADS=4 python3'],
    ['nice -n 19 python3 train.py', 'python3'],
    ['mpirun -np 4 python3 train.py', 'python3'],
    ['srun --ntasks 4 -- env A=b python3 train.py', 'A=b python3'],
    ['nice nohup python3 x', 'python3'],
    ['torchrun --nproc_per_node 2 train.py', 'torchrun'],
  ])('of %j is %j', (line, found) => {
    expect(words(line)).toBe(found);
  });

  it.each([
    '',
    'uv run python train.py',
    'conda run -n x python train.py',
    '/usr/bin/apptainer exec image.sif python train.py',
    'srun --job-name sweep ./a.out',
    'nice -n 19 uv run python',
    'env PATH=/x python train.py',
    'env -i python train.py',
    'env env python',
    'nice',
    'env A=b',
  ])('of %j is not asked', (line) => {
    expect(words(line)).toBeNull();
  });
});

describe('the image of an entrypoint', () => {
  it.each([
    ['apptainer exec --nv /images/torch.sif python3 train.py', '/images/torch.sif'],
    ['srun -n 4 /usr/bin/singularity run --bind /a:/b docker://ubuntu:24.04', 'docker://ubuntu:24.04'],
    ['apptainer build x.sif', null],
    ['apptainer exec folder python3', null],
    ['python3 apptainer exec x.sif', null],
    ['python3 train.py --image x.sif', null],
  ])('of %j is %j', (line, image) => {
    expect(containerImage(line.split(' '))).toBe(image);
  });
});
