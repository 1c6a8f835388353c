import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';

interface Floors {
  readonly FLOORS: Readonly<Record<string, readonly string[]>>;
}

const { FLOORS } = createRequire(import.meta.url)('../../scripts/lib/floors.cjs') as Floors;

/** The floors as the picture has them, from the top down: the first word of each line. */
function floorsInPicture(): readonly string[] {
  const page = readFileSync('docs/explanation/architecture.md', 'utf8');
  const [, picture = ''] = /^```floors\n(.*?)^```$/ms.exec(page) ?? [];
  return [...picture.matchAll(/^(\S+) {2,}\S/gm)].map(([, name = '']) => name);
}

describe('the picture of the floors', () => {
  const picture = floorsInPicture();

  it('has the floors of the boundary table, each once', () => {
    expect(picture.toSorted()).toEqual(Object.keys(FLOORS).toSorted());
  });

  it('has every folder and file at the top of src', () => {
    expect(picture.toSorted()).toEqual(readdirSync('src').toSorted());
  });

  it('has what a floor may import below that floor', () => {
    const upward = Object.entries(FLOORS).flatMap(([floor, imports]) =>
      imports.filter((name) => picture.indexOf(name) <= picture.indexOf(floor)).map((name) => `${floor} → ${name}`),
    );
    expect(upward).toEqual([]);
  });
});
