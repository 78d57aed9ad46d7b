// Mastra's MCP client; it puts its own name of the server before each tool's.
import { MCPClient } from '@mastra/mcp';
import * as steps from './steps.mjs';

steps.packages('@mastra/mcp', '@mastra/core', '@modelcontextprotocol/client');
const client = new MCPClient({
  servers: {
    gateway: {
      url: new URL(steps.URL_OF_GATEWAY),
      requestInit: { headers: steps.HEADERS },
    },
  },
});
let tools = {};
await steps.all(
  async () => Object.keys((tools = await client.listTools())),
  (tool, input) => tools[`gateway_${tool}`].execute(input, {}),
);
await client.disconnect();
