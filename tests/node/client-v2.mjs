// @modelcontextprotocol/client 2.x, in the negotiation mode given: legacy (its default) or auto.
// URL TOKEN TOOL ARGUMENTS MODE
import { readFileSync } from 'node:fs';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const [url, token, tool, args, mode] = process.argv.slice(2);
const home = new URL('./node_modules/@modelcontextprotocol/client/package.json', import.meta.url);
const transport = new StreamableHTTPClientTransport(new URL(url), {
  requestInit: { headers: { Authorization: `Bearer ${token}` } },
});
const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
await client.connect(transport);
const page = await client.listTools();
const result = await client.callTool({ name: tool, arguments: JSON.parse(args) });
const wrong = await client.callTool({ name: tool, arguments: { orderId: 'seven' } });
console.log(
  JSON.stringify({
    version: JSON.parse(readFileSync(home)).version,
    protocol: transport.protocolVersion ?? client.getNegotiatedProtocolVersion?.(),
    tools: page.tools.map((one) => one.name),
    text: result.content[0].text,
    error: wrong.isError,
  }),
);
await client.close();
