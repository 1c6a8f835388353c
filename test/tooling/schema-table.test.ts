import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { loadScript } from './scripts.ts';

const { schemaRows } = await loadScript<{ schemaRows: (schema: unknown) => readonly (readonly string[])[] }>(
  'schema-table.mjs',
);

describe('the table of a schema', () => {
  it('lists nested fields by their path, and an object once', () => {
    const pair = z.strictObject({ key: z.string().nullable().describe('Key.') });
    const schema = z.strictObject({
      one: pair.describe('First.'),
      many: z.array(pair).describe('More | others.'),
      mode: z.enum(['a', 'b']).nullable().describe('Mode.'),
      maybe: z.array(z.string()).optional().describe('Maybe.'),
    });
    expect(schemaRows(z.toJSONSchema(schema))).toEqual([
      ['`one`', 'object', 'First.'],
      ['`one.key`', 'text?', 'Key.'],
      ['`many`', 'object[]', 'More | others. Fields: `one`.'],
      ['`mode`', '`a`/`b`?', 'Mode.'],
      ['`maybe`', 'text[]~', 'Maybe.'],
    ]);
  });

  it('refuses a field without a description', () => {
    const schema = z.strictObject({ outer: z.strictObject({ inner: z.string() }).describe('Outer.') });
    expect(() => schemaRows(z.toJSONSchema(schema))).toThrow('outer.inner has no description');
  });
});
