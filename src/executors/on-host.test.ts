import { expect, it } from 'vitest';
import { hintForOtherHost } from './on-host.ts';

it.each([
  [
    'slurm',
    'local',
    'Launch from a Slurm login node, or set compute.location: local in the design (and have it reviewed).',
  ],
  [
    'local',
    'slurm',
    "Set compute.location: slurm in the design (and have it reviewed); or, if this machine only has Slurm's client tools, set host_mode: local in .autolab/launch.yaml.",
  ],
])('says what to do if the design asks for %s and the host has %s', (wanted, has, hint) => {
  expect(hintForOtherHost(wanted, has)).toBe(hint);
});
