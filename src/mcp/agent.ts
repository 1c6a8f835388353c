/** Who asked, for the record. */
export const AGENT = 'an agent (MCP)';
