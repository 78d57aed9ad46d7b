// @modelcontextprotocol/sdk 1.x: lists the tools and calls one; prints what it saw as one line of
// JSON. URL TOKEN TOOL ARGUMENTS
import { readFileSync } from 'node:fs';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const [url, token, tool, args] = process.argv.slice(2);
const home = new URL('./node_modules/@modelcontextprotocol/sdk/package.json', import.meta.url);
const transport = new StreamableHTTPClientTransport(new URL(url), {
  requestInit: { headers: { Authorization: `Bearer ${token}` } },
});
const client = new Client({ name: 'test', version: '1' });
await client.connect(transport);
await client.ping();
const tools = [];
let cursor;
do {
  const page = await client.listTools({ cursor });
  tools.push(...page.tools.map((one) => one.name));
  cursor = page.nextCursor;
} while (cursor);
const result = await client.callTool({ name: tool, arguments: JSON.parse(args) });
const wrong = await client.callTool({ name: tool, arguments: { orderId: 'seven' } });
console.log(
  JSON.stringify({
    version: JSON.parse(readFileSync(home)).version,
    protocol: transport.protocolVersion,
    tools,
    text: result.content[0].text,
    error: wrong.isError,
  }),
);
await client.close();
