import { Client as Client2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as Stdio2 } from '@modelcontextprotocol/client/stdio';
import { Client as Client1 } from 'mcp-sdk-1/client/index.js';
import { StdioClientTransport as Stdio1 } from 'mcp-sdk-1/client/stdio.js';
import { Client as Client117 } from 'mcp-sdk-1-17/client/index.js';
import { StdioClientTransport as Stdio117 } from 'mcp-sdk-1-17/client/stdio.js';
import { afterEach, expect } from 'vitest';
import { cleanEnvironment, PROGRAM } from './autolab.ts';

interface Kind {
  readonly make: () => unknown;
  readonly Stdio: typeof Stdio2 | typeof Stdio1 | typeof Stdio117;
  /** A call of the 1.x clients has a schema in between. */
  readonly isOld: boolean;
}

const ME = { name: 'test', version: '1' };

/** The protocol's official clients, new and old, over stdio against the built program. */
const CLIENTS = {
  '1.17': { make: () => new Client117(ME), Stdio: Stdio117, isOld: true },
  '1.32': { make: () => new Client1(ME), Stdio: Stdio1, isOld: true },
  '2.4': { make: () => new Client2(ME), Stdio: Stdio2, isOld: false },
  '2.4, protocol of 2026': {
    make: () => new Client2(ME, { versionNegotiation: { mode: 'auto' } }),
    Stdio: Stdio2,
    isOld: false,
  },
} as const satisfies Readonly<Record<string, Kind>>;

export type ClientName = keyof typeof CLIENTS;
export const CLIENT_NAMES = Object.keys(CLIENTS) as ClientName[];

export type Json = Record<string, any>;

export interface Answer {
  readonly isError: boolean;
  readonly text: string;
  readonly value: Json;
}

export interface CallOptions {
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  readonly onprogress?: (progress: { readonly progress: number; readonly message?: string | undefined }) => void;
}

export interface Agent {
  readonly pid: number;
  readonly instructions: string;
  readonly call: (name: string, given?: Json, options?: CallOptions) => Promise<Answer>;
  readonly tools: () => Promise<readonly Json[]>;
  readonly resources: () => Promise<readonly Json[]>;
  readonly read: (uri: string) => Promise<string>;
  readonly prompts: () => Promise<readonly Json[]>;
  readonly prompt: (name: string) => Promise<string>;
  readonly close: () => Promise<void>;
}

/** As much of the three clients as is used here; their own types differ. */
interface AnyClient {
  connect(transport: unknown): Promise<void>;
  close(): Promise<void>;
  getInstructions(): string | undefined;
  callTool(...words: readonly unknown[]): Promise<Json>;
  listTools(): Promise<Json>;
  listResources(): Promise<Json>;
  readResource(params: Json): Promise<Json>;
  listPrompts(): Promise<Json>;
  getPrompt(params: Json): Promise<Json>;
}

const open: Agent[] = [];

afterEach(async () => {
  for (const agent of open.splice(0)) await agent.close();
});

export interface ConnectOptions {
  readonly client?: ClientName;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** The words after `autolab`; default: `-C ROOT mcp`. */
  readonly words?: readonly string[];
}

export async function connect(root: string, options: ConnectOptions = {}): Promise<Agent> {
  const { make, Stdio, isOld } = CLIENTS[options.client ?? '2.4'];
  const args = [PROGRAM, ...(options.words ?? ['-C', root, 'mcp'])];
  const env = cleanEnvironment(options.env) as Record<string, string>;
  const transport = new Stdio({ command: process.execPath, args, env, cwd: options.cwd ?? root, stderr: 'ignore' });
  const client = make() as unknown as AnyClient;
  await client.connect(transport);
  const agent: Agent = {
    pid: transport.pid ?? 0,
    instructions: client.getInstructions() ?? '',
    call: async (name, given = {}, call = {}) => {
      const params = { name, arguments: given };
      const words = isOld ? [params, undefined, call] : [params, call];
      return answerOf(await client.callTool(...words));
    },
    tools: async () => (await client.listTools())['tools'] as Json[],
    resources: async () => (await client.listResources())['resources'] as Json[],
    read: async (uri) => ((await client.readResource({ uri }))['contents'] as { text: string }[])[0]?.text ?? '',
    prompts: async () => (await client.listPrompts())['prompts'] as Json[],
    prompt: async (name) =>
      ((await client.getPrompt({ name }))['messages'] as { content: { text: string } }[])[0]?.content.text ?? '',
    close: () => client.close(),
  };
  open.push(agent);
  return agent;
}

function answerOf({ isError, content, structuredContent }: Json): Answer {
  const [first] = content as { type: string; text: string }[];
  expect(first?.type).toBe('text');
  return { isError: isError === true, text: first?.text ?? '', value: structuredContent as Json };
}
