// LangChain.js's tools of an MCP server.
import { MultiServerMCPClient } from '@langchain/mcp-adapters';
import * as steps from './steps.mjs';

steps.packages('@langchain/mcp-adapters', '@modelcontextprotocol/sdk');
const client = new MultiServerMCPClient({
  mcpServers: { gateway: { transport: 'http', url: steps.URL_OF_GATEWAY, headers: steps.HEADERS } },
});
let tools = [];
await steps.all(
  async () => (tools = await client.getTools()).map((tool) => tool.name),
  (tool, input) => tools.find((one) => one.name === tool).invoke(input),
);
await client.close();
