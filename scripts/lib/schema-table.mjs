/**
 * Markdown rows for every field of a JSON Schema, nested ones by their path (`sync.to_local.status`, `steps[].name`); an
 * object that was shown already is referred to. Throws where a field has no description: a reference with holes is none.
 */
export function schemaRows(schema) {
  const shown = new Map();
  return Object.entries(schema.properties).flatMap(([name, field]) => rowsOf(name, field, shown));
}

function rowsOf(path, field, shown) {
  if (field.description === undefined) {
    throw new Error(`${path} has no description; add .describe('…') to it in the schema.`);
  }
  const object = objectIn(path, field);
  const key = JSON.stringify(object?.properties);
  const before = object && shown.get(key);
  const text = before === undefined ? field.description : `${field.description} Fields as in \`${before}\`.`;
  const row = `| \`${path}\` | ${typeOf(field)} | ${text.replaceAll('|', '\\|')} |`;
  if (object === undefined || before !== undefined) return [row];
  shown.set(key, object.path);
  const fields = Object.entries(object.properties);
  return [row, ...fields.flatMap(([name, child]) => rowsOf(`${object.path}.${name}`, child, shown))];
}

/** The object that a field is, may be, or is a list of. */
function objectIn(path, field) {
  const value = field.anyOf?.find((branch) => branch.type !== 'null') ?? field;
  if (value.type === 'array') return objectIn(`${path}[]`, value.items);
  return value.properties && { path, properties: value.properties };
}

const PATTERNS = { '^[0-9a-f]{64}$': 'SHA-256' };
const NAMES = {
  string: 'text',
  object: 'object',
  null: 'null',
  boolean: 'boolean',
  integer: 'integer',
  number: 'number',
};

function typeOf(field) {
  if (field.anyOf !== undefined) return field.anyOf.map(typeOf).join(' or ');
  if (Array.isArray(field.type)) return field.type.map((type) => typeOf({ ...field, type })).join(' or ');
  if (field.enum !== undefined) return field.enum.map((value) => `\`${value}\``).join(' ');
  if (field.const !== undefined) return `\`${field.const}\``;
  if (field.type === 'array') return `list of ${typeOf(field.items)}`;
  if (field.type === 'object' && field.properties === undefined) return `text → ${typeOf(field.additionalProperties)}`;
  if (field.type === 'string' && field.pattern !== undefined) return PATTERNS[field.pattern] ?? 'time';
  return NAMES[field.type];
}
