import type { FoundCode } from '../code/find.ts';
import { plainLinks, type RunTree } from '../code/run-tree.ts';
import { looksSecret } from '../code/secret-names.ts';
import type { ProjectRead } from '../project/read.ts';
import type { OpenedData, RemoteOrder } from '../records/run-data.ts';
import type { Objection } from '../run/objection.ts';
import type { Look } from './look.ts';
import { sharesFiles } from './shares-files.ts';

/** Whether a run uses a copy of the code, and what speaks against it. Pure. */

/** The design's word, else that of launch.yaml. */
function runTreeOf({ design, config }: ProjectRead): RunTree {
  return {
    run_from: design?.code.run_from ?? config.code.run_from,
    link: plainLinks(design?.code.link ?? config.code.link),
  };
}

/** What is journaled: no `snapshot` for a run that uses the work tree. */
export function codeOrder(
  { project, code: { lookup } }: Pick<Look, 'project' | 'code'>,
  remote: RemoteOrder | null,
): Pick<OpenedData, 'code' | 'snapshot' | 'approved' | 'review'> {
  const { scope, ignore } = project.config.code;
  const { run_from, link } = runTreeOf(project);
  const written = project.review?.approved ?? null;
  const approved = written === null ? {} : { approved: { ...written, inputs: { ...written.inputs } } };
  const code = { code: { scope, ignore }, ...approved, ...reviewOrder(project) };
  if (run_from === 'work_tree' || !sharesFiles(remote)) return code;
  return { ...code, snapshot: { prefix: lookup.kind === 'git' ? lookup.prefix : '', link } };
}

/** The gate has checked the signature, if one is asked for. */
function reviewOrder({ review, config }: Look['project']): Pick<OpenedData, 'review'> {
  const by = review?.reviewed_by ?? '';
  if (by === '') return {};
  return { review: { by, author: review?.author ?? null, signed: config.review.signers !== null } };
}

/** What a snapshot links to; null for a run without one. */
export function snapshotLinks({ project, remote }: Pick<Look, 'project' | 'remote'>): readonly string[] | null {
  const { run_from, link } = runTreeOf(project);
  return run_from === 'work_tree' || !sharesFiles(remote) ? null : link;
}

export function snapshotObjections({ project, remote, code: { lookup } }: Look): readonly Objection[] {
  const { run_from, link } = runTreeOf(project);
  if (run_from === 'work_tree' || !sharesFiles(remote)) return [];
  if (lookup.kind === 'none')
    return [
      {
        code: 'git.required',
        message: `code.run_from: snapshot copies what git lists, and there is no repository: ${lookup.reason}.`,
        hint: 'Make the project a git repository, or set code.run_from: work_tree.',
      },
    ];
  if (lookup.kind !== 'git') return [];
  const inTheWay = link.flatMap((path) => codeAt(path, lookup) ?? []);
  const [first] = inTheWay;
  if (first === undefined) return [];
  return [
    {
      code: 'config.invalid',
      message: `code.link names ${first.link}, and ${first.name} is code, which the snapshot has anyway.`,
      hint: `Remove ${first.link} from code.link, or let git ignore it.`,
    },
  ];
}

/** Code in the place of a link, in it, or in the place of a folder that it lies in. */
function codeAt(link: string, { prefix, names }: FoundCode): { readonly link: string; readonly name: string } | null {
  const path = `${prefix}${link}`;
  const parts = path.split('/');
  const above = new Set(parts.map((_, at) => parts.slice(0, at + 1).join('/')));
  const name = names.find((each) => above.has(each) || (each.startsWith(`${path}/`) && !looksSecret(each)));
  return name === undefined || (name === path && looksSecret(name)) ? null : { link, name };
}
