import * as z from 'zod';
import { controlInLine } from '../documents/characters.ts';
import { checked } from './fields.ts';

/** `notify` of launch.yaml: whom autolab informs of the end of a run. */

export const NOTIFIED_OUTCOMES = ['completed', 'needs_retry', 'human_review', 'cancelled'] as const;

export type NotifiedOutcome = (typeof NOTIFIED_OUTCOMES)[number];

export interface NotifyConfig {
  /** Gets the result as JSON on stdin; null if there is none. */
  readonly command: readonly [string, ...string[]] | null;
  /** An address that gets the result as a POST, or `$NAME`, a variable of the environment that holds it. It may be a secret. */
  readonly webhook: string | null;
  readonly on: readonly NotifiedOutcome[];
}

export const NOTIFY_KEYS = ['notify', 'notify.command', 'notify.webhook', 'notify.on'] as const;

/** The address may be a secret: what is wrong with it is said without it. */
const address = z.string().superRefine((text, context) => {
  const reason = checkAddress(text);
  if (reason !== null) context.addIssue({ code: 'custom', message: reason, params: { secret: true } });
});

const word = checked((text) => {
  const control = controlInLine(text);
  return control === null ? null : `contains the control character ${control}; remove it`;
});

export const notifySchema = z
  .object({
    command: z.array(word).min(1).nullish(),
    webhook: z.preprocess((value) => (value === '' ? undefined : value), address.nullish()),
    on: z.array(z.enum(NOTIFIED_OUTCOMES)).nullish(),
  })
  .nullish();

const VARIABLE = /^\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})$/;

function checkAddress(text: string): string | null {
  if (VARIABLE.test(text)) return null;
  return urlOf(text) === null ? 'must be an address that begins with `https://` or `http://`, or `$NAME`' : null;
}

function urlOf(text: string): URL | null {
  try {
    const url = new URL(text);
    return ['https:', 'http:'].includes(url.protocol) && url.host !== '' ? url : null;
  } catch {
    return null;
  }
}

export type Webhook =
  | { readonly kind: 'url'; readonly url: URL }
  /** `words`: for a sentence; the address itself is never in it. */
  | { readonly kind: 'unusable'; readonly words: string };

/** Pure. `env`: where a variable is looked up. */
export function webhookOf(text: string, env: Readonly<Record<string, string | undefined>>): Webhook {
  const [, plain, braced] = VARIABLE.exec(text) ?? [];
  const name = plain ?? braced;
  const value = name === undefined ? text : env[name];
  if (value === undefined || value === '') return { kind: 'unusable', words: `the variable ${name ?? ''} is not set` };
  const url = urlOf(value);
  return url === null
    ? { kind: 'unusable', words: `${name === undefined ? 'the address' : `the variable ${name}`} is no http address` }
    : { kind: 'url', url };
}

/** Null if nobody is to be informed. Pure. */
export function notifyOf(given: z.infer<typeof notifySchema>): NotifyConfig | null {
  const [program, ...words] = given?.command ?? [];
  const webhook = given?.webhook ?? null;
  if (program === undefined && webhook === null) return null;
  return {
    command: program === undefined ? null : [program, ...words],
    webhook,
    on: given?.on ?? NOTIFIED_OUTCOMES,
  };
}
