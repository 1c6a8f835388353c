import { sha256 } from '../platform/ids.ts';
import { canonicalFile, canonicalLine } from './canonical.ts';
import {
  condaIn,
  type FoundGpu,
  type FoundInterpreter,
  gpusIn,
  type HostFacts,
  hostFacts,
  interpreterIn,
  nodeIn,
  pythonIn,
  variablesIn,
} from './environment-parts.ts';

/** `receipt/environment.json`: what the entrypoint found when it began. Composed from the parts of its script. Pure. */

/** In `receipt/`. */
export const ENVIRONMENT_RECORD_FILE = 'environment.json';

export type PackageLists = Readonly<Partial<Record<'conda' | 'node' | 'python', Readonly<Record<string, string>>>>>;

/** Null: it could not be found out in time. */
export interface EnvironmentRecord {
  readonly container: { readonly kind: string; readonly image: string | null } | null;
  readonly cpu: HostFacts['cpu'] | null;
  readonly format: 1;
  readonly gpus: readonly FoundGpu[] | null;
  /** Null also for an entrypoint without one. */
  readonly interpreter: Pick<FoundInterpreter, 'path' | 'version'> | null;
  readonly kernel: string | null;
  readonly memory_bytes: number | null;
  readonly modules: readonly string[] | null;
  readonly os: string | null;
  /** Name → version, for each kind that applies. */
  readonly packages: PackageLists | null;
  readonly variables: Readonly<Record<string, string>> | null;
}

/** The texts of the parts; null if there is none. */
export type EnvironmentTexts = Readonly<
  Record<'host' | 'variables' | 'interpreter' | 'python' | 'conda' | 'node' | 'gpus', string | null>
>;

export interface ComposedEnvironment {
  /** Of `environment.json`. */
  readonly text: string;
  readonly interpreter: EnvironmentRecord['interpreter'];
  /** Of interpreter, packages and container image; null if one of them is not known, or no packages are listed. */
  readonly fingerprint: string | null;
}

/** `image`: that the entrypoint names for its container. Returns null if the script wrote nothing. */
export function composeEnvironment(texts: EnvironmentTexts, image: string | null): ComposedEnvironment | null {
  if (Object.values(texts).every((text) => text === null)) return null;
  const host = hostFacts(texts.host);
  const variables = variablesIn(texts.variables);
  const found = interpreterOf(texts);
  const interpreter = found === 'none' ? null : found;
  const packages = packagesOf(texts);
  const container = image === null ? containerOf(host, variables) : { kind: 'apptainer', image };
  const record: EnvironmentRecord = {
    container,
    ...(host === null ? NO_HOST : machineOf(host)),
    format: 1,
    gpus: gpusIn(texts.gpus),
    interpreter,
    modules: variables === null ? null : modulesIn(variables),
    packages,
    variables,
  };
  const isKnown = host !== null && variables !== null && found !== null && packages !== null;
  return {
    text: canonicalFile(record),
    interpreter,
    fingerprint: isKnown
      ? fingerprintOfPackages(interpreter?.version ?? null, packages, container?.image ?? null)
      : null,
  };
}

const NO_HOST = { cpu: null, kernel: null, memory_bytes: null, os: null };

function machineOf({ cpu, kernel, memory_bytes, os }: HostFacts) {
  return { cpu, kernel, memory_bytes, os };
}

function modulesIn(variables: Readonly<Record<string, string>>): readonly string[] {
  return (variables['LOADEDMODULES'] ?? '').split(':').filter((name) => name !== '');
}

/** Null if nothing is listed: a program without packages would equal any other. */
function fingerprintOfPackages(interpreter: string | null, packages: PackageLists, image: string | null) {
  const isListed = Object.keys(packages).length > 0;
  return isListed ? sha256(canonicalLine({ container_image: image, interpreter, packages })) : null;
}

function interpreterOf(texts: EnvironmentTexts): EnvironmentRecord['interpreter'] | 'none' {
  const found = interpreterIn(texts.interpreter);
  if (found === null || found === 'none') return found;
  const asked = found === 'python' ? pythonIn(texts.python) : found;
  return asked === null || asked === 'none' ? null : { path: asked.path, version: asked.version };
}

function packagesOf(texts: EnvironmentTexts): PackageLists | null {
  const interpreter = interpreterIn(texts.interpreter);
  const [python, conda, node] = [pythonIn(texts.python), condaIn(texts.conda), nodeIn(texts.node)];
  if (interpreter === null || python === null || conda === null || node === null) return null;
  const isNode = interpreter !== 'none' && interpreter !== 'python' && interpreter.kind === 'node';
  return {
    ...(conda === 'none' ? {} : { conda }),
    ...(isNode ? { node } : {}),
    // A Python that is not the interpreter is one of the packages.
    ...(python === 'none'
      ? {}
      : { python: interpreter === 'python' ? python.packages : { ...python.packages, python: python.version } }),
  };
}

function containerOf(
  host: HostFacts | null,
  variables: EnvironmentRecord['variables'],
): EnvironmentRecord['container'] {
  const image = variables?.['APPTAINER_CONTAINER'] ?? variables?.['SINGULARITY_CONTAINER'];
  return image === undefined ? (host?.container ?? null) : { kind: 'apptainer', image };
}
