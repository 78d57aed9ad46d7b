// The OpenAI Agents SDK for TypeScript.
import { MCPServerStreamableHttp } from '@openai/agents';
import * as steps from './steps.mjs';

steps.packages('@openai/agents', '@modelcontextprotocol/client');
const server = new MCPServerStreamableHttp({
  url: steps.URL_OF_GATEWAY,
  requestInit: { headers: steps.HEADERS },
});
await server.connect();
await steps.all(
  async () => (await server.listTools()).map((tool) => tool.name),
  (tool, input) => server.callTool(tool, input),
);
await server.close();
