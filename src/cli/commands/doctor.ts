import { failureOf } from '../../errors/failure.ts';
import { doctor as examine } from '../../launch/doctor.ts';
import type { Check } from '../../launch/doctor-check.ts';
import { resultOfFailure } from '../../launch/result.ts';
import { findRoot } from '../../project/find-root.ts';
import { resolve } from 'node:path';
import type { CommandHandler } from '../command.ts';
import { painter } from '../render/output.ts';

const MARKS = { ok: '✔', warn: '!', fail: '✖' } as const;
const STYLES = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

export const doctor: CommandHandler = async (ctx) => {
  const root = findRoot(resolve(ctx.directory ?? '.'));
  const checks = await examine(root);
  const failed = checks.filter((check) => check.status === 'fail');
  const paint = painter(ctx.color);
  const text = checks.map((check) => `${paint(STYLES[check.status], MARKS[check.status])} ${lineOf(check)}\n`).join('');
  const failure =
    failed.length === 0
      ? failureOf('ok', { message: 'Everything that a local launch needs is here.', hint: 'Launch: autolab launch' })
      : failureOf('doctor.failed', { message: `Missing or broken: ${failed.map((check) => check.name).join(', ')}.` });
  return { result: resultOfFailure('doctor', failure, { details: { checks } }), text };
};

function lineOf(check: Check): string {
  return `${check.name}: ${check.found}${check.mend === null ? '' : `. ${check.mend}`}`;
}
