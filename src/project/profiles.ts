import * as z from 'zod';
import { controlInLine, controlInWord, invisibleInName } from '../documents/characters.ts';
import { listed, shown } from '../documents/excerpt.ts';
import { type LocatedDocument, parsed } from '../documents/located.ts';
import { notesFor } from '../documents/notes.ts';
import { pointerOf } from '../documents/pointer.ts';
import { shape, unlessUsed, type Unused, unusedParts } from '../documents/shape.ts';
import { yamlDocument } from '../documents/yaml-document.ts';
import type { Parsed } from '../errors/problem.ts';
import { checked, checkHostPath, count, emptyIsAbsent } from './fields.ts';
import { checkPathId } from './ids.ts';

/** `.autolab/remote_profiles.yaml`: the hosts from which a run may be launched. Optional. */

export const PROFILES_FILE = '.autolab/remote_profiles.yaml';

export interface Profile {
  readonly mode: 'shared_fs' | 'git' | 'rsync';
  /** An ssh destination; null for this host. */
  readonly login_host: string | null;
  readonly remote_repo_root: string | null;
  readonly scratch: string | null;
  readonly python: string | null;
  /** Shell commands that make Slurm's commands available. */
  readonly setup: string | null;
  readonly connect_timeout_seconds: number;
  /** rsync patterns of files that are not sent. */
  readonly exclude: readonly string[];
}

export interface Profiles {
  readonly default_profile: string | null;
  readonly profiles: Readonly<Record<string, Profile>>;
}

/** Without the file: this host, whose file systems hold the project. */
export const NO_PROFILES: Profiles = { default_profile: null, profiles: {} };

const DEFAULT_CONNECT_TIMEOUT_SECONDS = 15;

/** ssh(1) takes a destination that begins with `-` for an option. */
function checkLoginHost(host: string): string | null {
  const invisible = invisibleInName(host);
  if (host === '') return 'must not be empty; leave it out for this host';
  if (host.startsWith('-')) return 'must not begin with `-`: ssh would take it for an option';
  if (/\s/.test(host)) return 'must not contain white space; write an ssh destination such as `user@login.example.org`';
  if (invisible !== null) return `contains the invisible character ${invisible}; remove it`;
  // ssh puts the name into commands of its configuration (ProxyCommand, Match exec) for a shell; old versions do not
  // quote it.
  const special = /['"`$;&<>|(){}*?!#]/.exec(host)?.[0];
  if (special !== undefined)
    return `contains ${shown(special)}, which no host has; write an ssh destination such as \`user@login.example.org\``;
  if (/(?:@|:\/\/)-/.test(host)) return 'must not have a host or user that begins with `-`';
  return null;
}

function checkProgram(program: string): string | null {
  if (program.trim() === '' || program.startsWith('-'))
    return 'must be a program, such as `python3` or `/opt/venv/bin/python`';
  const control = controlInLine(program);
  return control === null ? null : `contains the control character ${control}; remove it`;
}

export function checkSetup(commands: string): string | null {
  const control = controlInWord(commands);
  return control === null ? null : `contains the control character ${control}; remove it`;
}

function checkExclude(pattern: string): string | null {
  if (pattern === '') return 'must not be empty';
  const control = controlInLine(pattern);
  return control === null ? null : `contains the control character ${control}; remove it`;
}

const profile = z.object({
  mode: z.enum(['shared_fs', 'git', 'rsync']),
  login_host: emptyIsAbsent(checked(checkLoginHost)),
  remote_repo_root: emptyIsAbsent(checked(checkHostPath)),
  scratch: emptyIsAbsent(checked(checkHostPath)),
  python: emptyIsAbsent(checked(checkProgram)),
  setup: emptyIsAbsent(checked(checkSetup)),
  connect_timeout_seconds: count(1, 3600).nullish(),
  exclude: z.array(checked(checkExclude)).nullish(),
});

const schema = z.object({
  default_profile: emptyIsAbsent(z.string()),
  profiles: z.record(z.string(), profile).nullish(),
});

const EXAMPLES = { 'profiles.mode': '`shared_fs`, `git` or `rsync`' };

/** Misspelled, these would change where and how the run is started, or what is sent. */
const DECISIVE = [
  ...['profiles', 'default_profile'],
  ...['mode', 'login_host', 'remote_repo_root', 'scratch', 'python', 'setup', 'exclude'].map(
    (key) => `profiles.*.${key}`,
  ),
];

/** What a launch uses of the profiles. */
export interface ProfileUse {
  /** The profile of the launch, given the default one; null for none. */
  readonly chosen: (fallback: string | null) => string | null;
  /** Whether the run starts Python. */
  readonly python: boolean;
}

/** Without other knowledge every profile counts. */
function unusedIn({ value }: LocatedDocument, { chosen, python }: ProfileUse): Unused {
  const written = value?.['default_profile'];
  const fallback = typeof written === 'string' && written !== '' ? written : null;
  const name = chosen(fallback);
  const all = value?.['profiles'];
  const profiles = typeof all === 'object' && all !== null ? Object.entries(all) : [];
  const parts = profiles.flatMap(([other, fields]: [string, unknown]) => {
    const pointer = pointerOf(['profiles', other]);
    return other === name ? unusedKeys(fields, python).map((key) => `${pointer}/${key}`) : [pointer];
  });
  return unusedParts([...parts, ...(name === fallback ? [] : ['/default_profile'])]);
}

/** Of the profile of the launch. */
function unusedKeys(given: unknown, python: boolean): readonly string[] {
  const fields = typeof given === 'object' && given !== null ? (given as Readonly<Record<string, unknown>>) : {};
  const { mode, login_host: host } = fields;
  const here = (host === undefined || host === null || host === '') && mode === 'shared_fs';
  return [
    ...(here ? ['remote_repo_root', 'connect_timeout_seconds'] : []),
    ...(mode === 'rsync' ? [] : ['exclude']),
    ...(python ? [] : ['python']),
  ];
}

export function parseProfiles(text: string, file: string, use: ProfileUse | null = null): Parsed<Profiles> {
  const document = yamlDocument(text, file, { emptyIsMapping: true });
  const unused: Unused = use === null ? () => null : unusedIn(document, use);
  const { value, problems } = shape(document, schema, EXAMPLES, DECISIVE, unused);
  if (value === null) return parsed<Profiles>(file, null, problems);
  const notes = notesFor(document);
  const profiles = Object.entries(value.profiles ?? {}).map(([name, fields]): [string, Profile] => {
    const pointer = pointerOf(['profiles', name]);
    const reason = checkPathId(name);
    if (reason !== null) notes.error(pointer, 'value.invalid', `is not a profile name: it ${reason}`);
    for (const key of ['login_host', 'remote_repo_root'] as const) {
      if (fields.mode === 'shared_fs' || (fields[key] !== undefined && fields[key] !== null)) continue;
      notes.error(`${pointer}/${key}`, 'value.missing', `is missing, and the mode \`${fields.mode}\` needs it`);
    }
    return [
      name,
      {
        mode: fields.mode,
        login_host: fields.login_host ?? null,
        remote_repo_root: fields.remote_repo_root ?? null,
        scratch: fields.scratch ?? null,
        python: fields.python ?? null,
        setup: fields.setup ?? null,
        connect_timeout_seconds: fields.connect_timeout_seconds ?? DEFAULT_CONNECT_TIMEOUT_SECONDS,
        exclude: fields.exclude ?? [],
      },
    ];
  });
  const chosen = value.default_profile ?? null;
  const names = profiles.map(([name]) => name);
  if (chosen !== null && !names.includes(chosen)) {
    const there = names.length === 0 ? 'there are none' : `there is ${listed(names, 'and')}`;
    notes.error('/default_profile', 'value.invalid', `names no profile of this file: ${shown(chosen)}; ${there}`);
  }
  return parsed(file, { default_profile: chosen, profiles: Object.fromEntries(profiles) }, [
    ...problems,
    ...notes.problems.map((problem) => unlessUsed(problem, unused)),
  ]);
}
