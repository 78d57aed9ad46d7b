"""The OpenAI Agents SDK's MCP server, with its retries."""
import asyncio

import steps
from agents.mcp import MCPServerStreamableHttp

steps.packages('openai-agents', 'mcp')


async def main() -> None:
    async with MCPServerStreamableHttp({'url': steps.URL, 'headers': steps.HEADERS},
                                       max_retry_attempts=2) as server:
        async def names():
            return [tool.name for tool in await server.list_tools()]

        async def call(tool, arguments):
            return (await server.call_tool(tool, arguments)).content[0].text
        await steps.step('tools', names())
        await steps.calls(call)


asyncio.run(main())
