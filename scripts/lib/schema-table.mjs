/**
 * Cells for every field of a JSON Schema, `[path, type, meaning]`, nested ones by their path (`sync.to_local.status`,
 * `steps[].name`); an object that was shown already is referred to. Throws if a field has no description: a reference
 * with holes is none.
 */
export function schemaRows(schema) {
  return rowsIn(schema, '', new Map());
}

function rowsIn(object, prefix, shown) {
  return Object.entries(object.properties).flatMap(([name, field]) =>
    rowsOf(`${prefix}${name}`, field, object.required?.includes(name) === true, shown),
  );
}

function rowsOf(path, field, isRequired, shown) {
  if (field.description === undefined) {
    throw new Error(`${path} has no description; add .describe('…') to it in the schema.`);
  }
  const found = objectIn(path, field);
  const key = JSON.stringify(found?.object.properties);
  const before = found && shown.get(key);
  const text = before === undefined ? field.description : `${field.description} Fields: \`${before}\`.`;
  const row = [`\`${path}\``, `${typeOf(field)}${isRequired ? '' : '~'}`, text];
  if (found === undefined || before !== undefined) return [row];
  shown.set(key, found.path);
  return [row, ...rowsIn(found.object, `${found.path}.`, shown)];
}

/** The object that a field is, may be, or is a list of. */
function objectIn(path, field) {
  const value = field.anyOf?.find((branch) => branch.type !== 'null') ?? field;
  if (value.type === 'array') return objectIn(`${path}[]`, value.items);
  return value.properties && { path, object: value };
}

const PATTERNS = { '^[0-9a-f]{64}$': 'sha256' };
const NAMES = {
  string: 'text',
  object: 'object',
  boolean: 'boolean',
  integer: 'integer',
  number: 'number',
};

function typeOf(field) {
  const branches =
    field.anyOf ?? (Array.isArray(field.type) ? field.type.map((type) => ({ ...field, type })) : [field]);
  const values = branches.filter(({ type }) => type !== 'null');
  return `${values.map(typeOfOne).join('/')}${values.length < branches.length ? '?' : ''}`;
}

function typeOfOne(field) {
  if (field.anyOf !== undefined) return typeOf(field);
  if (field.enum !== undefined) return field.enum.map((value) => `\`${value}\``).join('/');
  if (field.const !== undefined) return `\`${field.const}\``;
  if (field.type === 'array') return `${typeOf(field.items)}[]`;
  if (field.type === 'object' && field.properties === undefined) return `{${typeOf(field.additionalProperties)}}`;
  if (field.type === 'string' && field.pattern !== undefined) return PATTERNS[field.pattern] ?? 'time';
  return NAMES[field.type];
}
