import { join } from 'node:path';
import { LeaseLost } from '../errors/failure.ts';
import { lstatOrNull, makeFolder } from '../platform/files.ts';
import { newToken } from '../platform/ids.ts';
import { keepPlace, type KeptPlace, lookAtPath, putAside } from '../platform/kept-copies.ts';
import type { AgentFolder } from '../run/left-agent.ts';
import type { OutsideChange } from './outside-change.ts';

/** The folders that a call writes into after its agent: the very ones from before, and no link in their place. */

export interface Home {
  /** Relative to the project → the folder, held open. */
  readonly places: ReadonlyMap<string, KeptPlace>;
  readonly close: () => void;
}

function placesOf(folder: AgentFolder): readonly string[] {
  return ['.autolab', '.autolab/logs', folder.relative];
}

export function keepHome(root: string, folder: AgentFolder): Home {
  const places = new Map(placesOf(folder).map((name) => [name, keepPlace(join(root, name))]));
  return {
    places,
    close: () => {
      for (const place of places.values()) place.close();
    },
  };
}

/** `home`: null after a kill; then the folders that are there must do. */
export function bringHome(root: string, folder: AgentFolder, home: Home | null): readonly OutsideChange[] {
  const away: { readonly name: string; readonly to: string }[] = [];
  const changes = placesOf(folder).flatMap((name): readonly OutsideChange[] => {
    const place = join(root, name);
    const there = lookAtPath(place);
    const now = home?.places.get(name)?.path() ?? null;
    const isHome = now === null ? there === null || there.kind === 'folder' : lookAtPath(now)?.inode === there?.inode;
    if (isHome) return [];
    // Within the same folder: no link is followed.
    const to = join(root, `${name}.${newToken().slice(0, 8)}`);
    const reason = (there === null ? null : putAside(place, to)) ?? (now === null ? null : putAside(now, place));
    if (there !== null && lstatOrNull(to) !== null) away.push({ name, to });
    return [{ path: name, what: 'moved', of: 'autolab', put_back: reason === null, reason }];
  });
  const lost = changes.find((change) => !change.put_back);
  if (lost !== undefined)
    throw new LeaseLost('project.moved', `${lost.path} was replaced by an agent: ${lost.reason ?? ''}`);
  makeFolder(folder.path);
  const outside = join(folder.path, 'outside');
  if (lstatOrNull(outside) !== null) putAside(outside, `${outside}.${newToken().slice(0, 8)}`);
  for (const { name, to } of away) putAside(to, asideIn(folder.path, name));
  return changes;
}

/** Where something is put aside: never behind a link that was put aside before it. */
export function asideIn(folder: string, path: string): string {
  const parts = path.split('/');
  const parent = parts.slice(0, -1).reduce(
    (at, part) => {
      const next = join(at, part);
      const kind = lookAtPath(next)?.kind ?? 'folder';
      return kind === 'folder' ? next : `${next}.${newToken().slice(0, 8)}`;
    },
    join(folder, 'outside'),
  );
  return join(parent, parts.at(-1) ?? '');
}
