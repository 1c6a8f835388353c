import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('one place of src makes a type of what nothing has checked, and says why', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const casts = files.flatMap((file) => {
    const lines = readFileSync(join('src', file), 'utf8').split('\n');
    return lines.filter((line) => /\bas (unknown|any|never) as\b/.test(line)).map((line) => `${file}: ${line.trim()}`);
  });
  expect(casts).toEqual(['records/journal-events.ts: return entry as unknown as EventOf<Name>;']);
  const text = readFileSync('src/records/journal-events.ts', 'utf8');
  const [, comment] = /\/\*\*\n((?: \*.*\n)*) \*\/\nfunction typed</.exec(text) ?? [];
  expect(comment).toContain('The one place where text becomes a type unchecked');
});
