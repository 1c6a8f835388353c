/** The keywords of JSON Schema that test/fixtures/origin uses. A keyword that is not known is an error: it would be no check. */

export type Schema = Readonly<Record<string, unknown>>;

type Check = (value: unknown, wanted: never, at: string, schema: Schema) => string[];

const DATE_TIME = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function typeOf(value: unknown): string[] {
  if (value === null) return ['null'];
  if (Array.isArray(value)) return ['array'];
  return Number.isInteger(value) ? ['integer', 'number'] : [typeof value];
}

const complaint = (wrong: boolean, at: string, words: string): string[] => (wrong ? [`${at || '/'}: ${words}`] : []);

const CHECKS: Readonly<Record<string, Check>> = {
  type: (value, wanted: string, at) => complaint(!typeOf(value).includes(wanted), at, `is no ${wanted}`),
  const: (value, wanted: unknown, at) => complaint(value !== wanted, at, `is not ${JSON.stringify(wanted)}`),
  enum: (value, wanted: unknown[], at) => complaint(!wanted.includes(value), at, `is ${JSON.stringify(value)}`),
  minLength: (value, least: number, at) => complaint(typeof value === 'string' && value.length < least, at, 'is empty'),
  minimum: (value, least: number, at) => complaint(typeof value === 'number' && value < least, at, 'is too small'),
  format: (value, _: string, at) =>
    complaint(typeof value === 'string' && !DATE_TIME.test(value), at, 'is no date-time'),
  required: (value, names: string[], at) =>
    isObject(value) ? names.flatMap((name) => complaint(!Object.hasOwn(value, name), at, `has no ${name}`)) : [],
  properties: (value, properties: Record<string, Schema>, at) =>
    Object.entries(properties).flatMap(([name, schema]) =>
      isObject(value) && Object.hasOwn(value, name) ? complaints(value[name], schema, `${at}/${name}`) : [],
    ),
  additionalProperties: (value, _: boolean, at, schema) =>
    isObject(value)
      ? Object.keys(value).flatMap((name) =>
          complaint(!Object.hasOwn(schema['properties'] as object, name), at, `has the further key ${name}`),
        )
      : [],
  items: (value, schema: Schema, at) =>
    Array.isArray(value) ? value.flatMap((item, index) => complaints(item, schema, `${at}/${index}`)) : [],
  allOf: (value, schemas: Schema[], at) => schemas.flatMap((schema) => complaints(value, schema, at)),
  if: (value, condition: Schema, at, schema) =>
    complaints(value, condition, at).length === 0 ? complaints(value, schema['then'] as Schema, at) : [],
  then: () => [],
};

/** What is wrong with a value, each with its place; empty if it fits. */
export function complaints(value: unknown, schema: Schema, at = ''): string[] {
  return Object.entries(schema).flatMap(([keyword, wanted]) => {
    const check = CHECKS[keyword];
    if (check === undefined) throw new Error(`the keyword ${keyword} is not known`);
    return check(value, wanted as never, at, schema);
  });
}
