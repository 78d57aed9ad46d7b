// The AI SDK's MCP client, whose tools are called as generateText calls them.
import { createMCPClient } from '@ai-sdk/mcp';
import * as steps from './steps.mjs';

steps.packages('@ai-sdk/mcp');
const client = await createMCPClient({
  transport: { type: 'http', url: steps.URL_OF_GATEWAY, headers: steps.HEADERS },
});
let tools = {};
await steps.all(
  async () => Object.keys((tools = await client.tools())),
  (tool, input) => tools[tool].execute(input, { toolCallId: 'one', messages: [] }),
);
await client.close();
