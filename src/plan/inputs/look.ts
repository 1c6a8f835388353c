import { pointerOf } from '../../documents/pointer.ts';
import { type Approved } from '../../project/approved.ts';
import type { InputSpec } from '../../project/design-inputs.ts';
import { isGlob } from '../../project/input-pattern.ts';
import type { Profile } from '../../project/profiles.ts';
import { designFileOf, type ProjectRead } from '../../project/read.ts';
import { formatInputList, inputDigest, inputLines } from '../../records/input-list.ts';
import type { OpenedData } from '../../records/run-data.ts';
import type { Objection } from '../../run/objection.ts';
import { codeOfLost, sshTransportTo } from '../../sites/ssh/connect.ts';
import { placed } from '../placed.ts';
import { type ReadInput, readInputsHere, type ReadOptions } from './digest.ts';
import { readInputsThere } from './far.ts';

/** The data that the design names, before anything is claimed. */
export interface InputsLook {
  /** Null unless every input could be digested. */
  readonly recorded: RecordedInputs | null;
  /** As far as they were found here; relative to the project. */
  readonly paths: readonly { readonly pointer: string; readonly input: string; readonly path: string }[];
  readonly objections: readonly Objection[];
}

export interface RecordedInputs {
  readonly inputs: NonNullable<OpenedData['data_inputs']>;
  /** The text of `inputs.sha256`. */
  readonly list: string;
}

const NO_INPUTS: InputsLook = { recorded: null, paths: [], objections: [] };

/** `names`: only whether they are there, here. */
export type InputsDepth = 'names' | 'digests' | 'digests, kept';

export interface InputsQuestion {
  readonly root: string;
  readonly project: ProjectRead;
  /** The profile, if the launch host is another one. */
  readonly remote: Profile | null;
  /** The launch host answers. */
  readonly reached: boolean;
  /** Default: `names`. */
  readonly depth: InputsDepth | undefined;
  readonly runFolder: string | undefined;
  /** Of the workflow, whose command the hints name. */
  readonly stage: string;
}

/** Rejects only if the call is interrupted. */
export async function lookAtInputs(question: InputsQuestion): Promise<InputsLook> {
  const { root, project, remote, reached, depth = 'names', runFolder = null, stage } = question;
  const specs = project.draft?.inputs ?? [];
  if (specs.length === 0) return NO_INPUTS;
  const isThere = ({ path }: InputSpec): boolean => remote !== null && path.startsWith('/');
  const digest = depth !== 'names' && project.design !== null;
  const options: ReadOptions = { runFolder, digest, keeps: depth === 'digests, kept' };
  const here = await readInputsHere(
    root,
    specs.filter((spec) => !isThere(spec)),
    options,
  );
  const there = await askThere(remote, specs.filter(isThere), digest && reached, stage);
  const read = there.kind === 'read' ? [...here, ...there.inputs] : here;
  const inOrder = specs.flatMap((spec, index) => {
    const found = read.find((one) => one.spec === spec);
    return found === undefined ? [] : [{ ...found, pointer: pointerOf(['inputs', index]) }];
  });
  const file = designFileOf(project.draft?.iteration_id ?? '');
  const objections = [
    ...inOrder.flatMap((input) => objectionsToInput(input, stage).map((one) => placed(project, file, one))),
    ...(there.kind === 'failed' ? [there.objection] : []),
  ];
  const isWhole = digest && objections.length === 0 && inOrder.length === specs.length;
  return {
    recorded: isWhole ? recordOf(inOrder) : null,
    paths: inOrder
      .filter(({ spec }) => !spec.path.startsWith('/'))
      .flatMap(({ pointer, spec, files }) => files.map(({ path }) => ({ pointer, input: spec.path, path }))),
    objections,
  };
}

type There =
  | { readonly kind: 'read'; readonly inputs: readonly ReadInput[] }
  | { readonly kind: 'unasked' }
  | { readonly kind: 'failed'; readonly objection: Objection };

/** A host that cannot be reached has an objection of its own. */
async function askThere(
  remote: Profile | null,
  specs: readonly InputSpec[],
  ask: boolean,
  stage: string,
): Promise<There> {
  if (remote === null || specs.length === 0) return { kind: 'read', inputs: [] };
  if (!ask) return { kind: 'unasked' };
  const ssh = sshTransportTo(remote);
  const read = await readInputsThere(ssh, specs);
  if (read.kind === 'read') return read;
  const code = read.lost === null ? 'inputs.unreadable' : codeOfLost(read.lost);
  const message = `The data inputs on ${ssh.name} could not be read: ${read.words}.`;
  return { kind: 'failed', objection: { code, message, ...(code === 'inputs.unreadable' ? hintAt(stage) : {}) } };
}

interface PlacedInput extends ReadInput {
  readonly pointer: string;
}

function recordOf(inputs: readonly ReadInput[]): RecordedInputs {
  const listed = inputs.map(({ spec, files }) => ({ spec, files, path: spec.path, lines: inputLines(files) }));
  return {
    inputs: listed.map(({ spec: { path, check }, files, lines }) => ({
      path,
      check,
      files: files.length,
      bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
      sha256: inputDigest(lines),
    })),
    list: formatInputList(listed),
  };
}

type PlacedObjection = Omit<Objection, 'problems'> & { readonly pointer: string };

function objectionsToInput({ spec, files, troubles, pointer }: PlacedInput, stage: string): readonly PlacedObjection[] {
  const [first] = troubles;
  if (first !== undefined) {
    const more = troubles.length > 1 ? ` (and ${troubles.length - 1} more)` : '';
    const message = `The data input ${first.path} ${first.what}${more}.`;
    return [{ code: 'inputs.unreadable', message, pointer, ...hintAt(stage) }];
  }
  if (files.length > 0 || !spec.required) return [];
  const message = isGlob(spec.path)
    ? `Nothing matches the data input ${spec.path}.`
    : `There is no data at the input ${spec.path}.`;
  return [{ code: 'inputs.missing', message, pointer }];
}

/** The catalog's hint is that of a launch. */
function hintAt(stage: string): Pick<Objection, 'hint'> {
  if (stage !== 'implementation_review') return {};
  return { hint: 'Remove or rename them, or make them readable; then: `autolab approve --by WHO`.' };
}

/** What an approval is given to. If the data were not digested, nothing is said against what was approved. */
export function approvableInputs({ recorded }: InputsLook, approved: Approved | null): Approved['inputs'] {
  if (recorded === null) return approved?.inputs ?? {};
  return Object.fromEntries(recorded.inputs.map(({ path, sha256 }) => [path, sha256]));
}
