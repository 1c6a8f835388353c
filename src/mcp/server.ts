import { setMaxListeners } from 'node:events';
import { resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { McpServer, type ServerContext } from '@modelcontextprotocol/server';
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import type * as z from 'zod';
import { failureOf } from '../errors/failure.ts';
import { findProject, openProject, type Project, ProjectError } from '../index.ts';
import { VERSION } from '../platform/version.ts';
import { answerOf, outputSchema } from './answer.ts';
import { INSTRUCTIONS } from './instructions.ts';
import { addPrompts } from './prompts.ts';
import { addResources } from './resources.ts';
import type { Tool, ToolAnswer } from './tool.ts';
import { TOOLS } from './tools.ts';
import { resultOfError } from './unexpected.ts';
import { Work } from './work.ts';

export interface ServeOptions {
  /** Where to look for the project, at each call: it may be made meanwhile. */
  readonly directory: string;
  readonly input: Readable;
  /** Nothing else may write there. */
  readonly output: Writable;
  /** For the user; one line. */
  readonly log: (line: string) => void;
  /** Ends the service. */
  readonly signal: AbortSignal;
}

/** Serves one client until it ends its stream. Does nothing to the project before it is asked to. */
export async function serve({ directory, input, output, log, signal }: ServeOptions): Promise<void> {
  const work = new Work();
  const left = new AbortController();
  // Each call listens to the end of the service, and each answer waits for the stream.
  setMaxListeners(0, left.signal, output);
  const open = (): Project => projectAt(directory);
  const transport = new EndingTransport(input, output);
  const service = serveStdio(() => serverOf(open, work, left.signal, log), {
    transport,
    onerror: (error) => {
      log(error.message);
    },
  });
  const close = (): void => void service.close();
  signal.addEventListener('abort', close, { once: true });
  if (signal.aborted) close();
  await transport.ended;
  signal.removeEventListener('abort', close);
  left.abort();
}

/** Says when the connection is over: the client left, or sent what cannot be read. */
class EndingTransport extends StdioServerTransport {
  private readonly end: () => void;
  readonly ended: Promise<void>;

  constructor(input: Readable, output: Writable) {
    super(input, output);
    let end: () => void = () => undefined;
    this.ended = new Promise((resolvePromise) => {
      end = resolvePromise;
    });
    this.end = end;
  }

  override async close(): Promise<void> {
    await super.close();
    this.end();
  }
}

function projectAt(directory: string): Project {
  const start = resolve(directory);
  const root = findProject(start);
  if (root !== null) return openProject(root);
  throw new ProjectError(
    failureOf('project.not_found', { message: `There is no autolab project in ${start} or above it.` }),
  );
}

function serverOf(open: () => Project, work: Work, left: AbortSignal, log: (line: string) => void): McpServer {
  const server = new McpServer({ name: 'autolab', version: VERSION }, { instructions: INSTRUCTIONS });
  for (const tool of TOOLS) {
    const { name, title, description, annotations } = tool;
    server.registerTool(
      name,
      { title, description, annotations, inputSchema: unchecked(tool.input), outputSchema: outputSchema(tool) },
      async (given, context) => answerOf(tool, await answered(tool, given, { open, work, left, log, context })),
    );
  }
  addResources(server, open);
  addPrompts(server, open);
  return server;
}

/** The schema for the client to see; the tool itself checks, and answers with a code. */
function unchecked(schema: z.ZodObject): z.ZodObject {
  const { '~standard': standard } = schema;
  return Object.create(schema, {
    '~standard': { value: { ...standard, jsonSchema: standard.jsonSchema, validate: (value: unknown) => ({ value }) } },
  }) as z.ZodObject;
}

interface CallSite {
  readonly open: () => Project;
  readonly work: Work;
  readonly left: AbortSignal;
  readonly log: (line: string) => void;
  readonly context: ServerContext;
}

async function answered(tool: Tool, given: unknown, { open, work, left, log, context }: CallSite): Promise<ToolAnswer> {
  const { mcpReq } = context;
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const abort = (): void => {
    stop.abort();
  };
  const ends = [mcpReq.signal, left];
  for (const end of ends) end.addEventListener('abort', abort, { once: true });
  if (ends.some(({ aborted }) => aborted)) abort();
  try {
    const report = reporterOf(mcpReq);
    return await tool.call(given, { project: open(), signal: stop.signal, report, work });
  } catch (error) {
    const result = resultOfError(tool.name, error);
    if (result.code === 'internal') log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return { result, nextTool: null };
  } finally {
    for (const end of ends) end.removeEventListener('abort', abort);
  }
}

/** Notifications for a client that gave a token for them. */
function reporterOf(mcpReq: ServerContext['mcpReq']): (seconds: number, of: number, message: string) => void {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return () => undefined;
  return (progress, total, message) => {
    const params = { progressToken, progress, total, message: message.slice(0, 500) };
    mcpReq.notify({ method: 'notifications/progress', params }).catch(() => {
      // A client that is gone needs none.
    });
  };
}
