// Lists the tools and calls one of them several times in one session; prints the names and the
// structured contents, or that a call failed, as one line of JSON. With the client of the package
// and the negotiation mode given (sdk has none).
// URL TOKEN sdk|legacy|auto TOOL ARGUMENTS…
const [url, token, mode, tool, ...calls] = process.argv.slice(2);
const from = '@modelcontextprotocol/';
const { Client } = await import(mode === 'sdk' ? `${from}sdk/client/index.js` : `${from}client`);
const { StreamableHTTPClientTransport } = await import(
  mode === 'sdk' ? `${from}sdk/client/streamableHttp.js` : `${from}client`
);
const transport = new StreamableHTTPClientTransport(new URL(url), {
  requestInit: { headers: { Authorization: `Bearer ${token}` } },
});
const options = mode === 'sdk' ? {} : { versionNegotiation: { mode } };
const client = new Client({ name: 'test', version: '1' }, options);
await client.connect(transport);
const tools = (await client.listTools()).tools.map((one) => one.name);
const results = [];
for (const call of calls) {
  const result = await client.callTool({ name: tool, arguments: JSON.parse(call) });
  results.push(result.isError ? null : result.structuredContent);
}
console.log(JSON.stringify({ tools, results }));
await client.close();
