import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('the SDK is bundled with its licence, without the validator that lacks those of its parts', () => {
  const chunks = readdirSync('dist').filter((name) => name.endsWith('.js'));
  const texts = chunks.map((name) => readFileSync(`dist/${name}`, 'utf8'));
  const licences = readFileSync('dist/THIRD_PARTY_LICENSES.txt', 'utf8');

  expect(texts.some((text) => text.includes('StdioServerTransport'))).toBe(true);
  expect(licences).toMatch(/^@modelcontextprotocol\/server \S+ \(Apache-2\.0\)$/m);
  expect(licences).toMatch(/^@modelcontextprotocol\/core \S+ \(Apache-2\.0\)$/m);
  expect(texts.filter((text) => /AjvJsonSchemaValidator|fast-uri/.test(text))).toEqual([]);
});
