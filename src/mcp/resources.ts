import { join } from 'node:path';
import { type McpServer, ProtocolError, ProtocolErrorCode, ResourceTemplate } from '@modelcontextprotocol/server';
import { CATALOG } from '../errors/catalog.ts';
import { formatJson, OUTCOMES, type Project, type VerbResult } from '../index.ts';
import { readTextOrNull, realPathOr } from '../platform/files.ts';
import { endOf } from './shorten.ts';

/** What can be read: the record of each run, the documents of the current experiment, and what the codes mean. */

/** A client closes the connection on a message of 10 MiB; JSON makes it longer, too. */
const MOST_CHARACTERS = 2 * 1024 * 1024;
const MOST_LISTED = 20;

const PLACES = {
  state: { file: '.autolab/state.json', mimeType: 'application/json', title: 'Where the workflow is' },
  backlog: { file: '.autolab/backlog.yaml', mimeType: 'application/yaml', title: 'Hypotheses and experiments' },
  environment: { file: 'docs/environment.md', mimeType: 'text/markdown', title: 'How the environment is activated' },
  design: { file: 'design.yaml', mimeType: 'application/yaml', title: 'The design of the current experiment' },
  review: { file: 'review_result.json', mimeType: 'application/json', title: 'The review of the current experiment' },
} as const;

const OF_EXPERIMENT = ['design', 'review'];
const ITERATION_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** `open` throws if there is no project. */
export function addResources(server: McpServer, open: () => Project): void {
  server.registerResource(
    'errors',
    'autolab://errors',
    { title: 'What the codes mean', mimeType: 'application/json' },
    (uri) => contents(uri, 'application/json', errorCodes()),
  );
  for (const [name, { mimeType, title }] of Object.entries(PLACES))
    server.registerResource(name, `autolab://documents/${name}`, { title, mimeType }, async (uri) =>
      contents(uri, mimeType, await documentText(open(), name as keyof typeof PLACES)),
    );
  addOfRun(server, open, 'manifest', 'application/json', async (project, run) => {
    const result = await project.manifest({ run });
    return result.manifest === undefined ? unreadable(result) : formatJson(result.manifest);
  });
  addOfRun(server, open, 'show', 'application/json', async (project, run) => {
    const result = await project.show({ run });
    return result.run === undefined || result.run === null ? unreadable(result) : formatJson(result.run);
  });
  addOfRun(server, open, 'journal', 'application/x-ndjson', async (project, run) => {
    const result = await project.manifest({ run });
    if (result.run_id === null || result.iteration_id === null) return unreadable(result);
    const folder = join('experiments', result.iteration_id, 'runs', result.run_id);
    return endOf(textWithin(project.root, join(folder, 'journal.jsonl')), MOST_CHARACTERS);
  });
}

function addOfRun(
  server: McpServer,
  open: () => Project,
  what: 'manifest' | 'show' | 'journal',
  mimeType: string,
  read: (project: Project, run: string) => Promise<string>,
): void {
  const list = async (): Promise<{ resources: { uri: string; name: string }[] }> => {
    const { runs = [] } = await open().names();
    const newest = runs.slice(-MOST_LISTED).toReversed();
    return {
      resources: newest.map(({ iteration_id, run_id }) => {
        const run = `${iteration_id}/${run_id}`;
        return { uri: `autolab://runs/${encodeURIComponent(run)}/${what}`, name: `${what} of ${run}` };
      }),
    };
  };
  server.registerResource(
    what,
    new ResourceTemplate(`autolab://runs/{run}/${what}`, { list: () => list().catch(() => ({ resources: [] })) }),
    { title: `The ${what} of a run`, mimeType },
    async (uri, { run = '' }) =>
      contents(uri, mimeType, await read(open(), decoded(Array.isArray(run) ? run[0] : run))),
  );
}

function decoded(text = ''): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function contents(
  uri: URL,
  mimeType: string,
  text: string,
): { contents: { uri: string; mimeType: string; text: string }[] } {
  return { contents: [{ uri: uri.href, mimeType, text }] };
}

async function documentText(project: Project, name: keyof typeof PLACES): Promise<string> {
  const { file } = PLACES[name];
  if (!OF_EXPERIMENT.includes(name)) return textWithin(project.root, file);
  const { iteration_id: iteration } = await project.outcome();
  if (iteration === null || !ITERATION_ID.test(iteration)) throw notFound('The workflow names no usable iteration.');
  return textWithin(project.root, join('experiments', iteration, file));
}

/** A link that leads out of the project is not followed. */
function textWithin(root: string, path: string): string {
  const real = realPathOr(join(root, path));
  const text = real.startsWith(`${realPathOr(root)}/`) ? readTextOrNull(real) : null;
  if (text === null) throw notFound(`There is no ${path}.`);
  return endOf(text, MOST_CHARACTERS);
}

function errorCodes(): string {
  const entries = Object.entries(CATALOG).map(([code, { summary, hint }]) => {
    const consequence = Object.hasOwn(OUTCOMES, code) ? OUTCOMES[code as keyof typeof OUTCOMES] : null;
    return [code, { summary, hint, outcome: consequence?.outcome ?? null, next_stage: consequence?.stage ?? null }];
  });
  return formatJson(Object.fromEntries(entries));
}

/** Never returns: resources and prompts have no other way to say that they cannot be had. */
export function unreadable({ code, message, hint }: VerbResult): never {
  throw new ProtocolError(ProtocolErrorCode.InvalidParams, message, { code, message, hint });
}

function notFound(message: string): Error {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, message);
}
