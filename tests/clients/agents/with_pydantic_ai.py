"""Pydantic AI's toolset of an MCP server."""
import asyncio

import steps
from pydantic_ai.mcp import MCPToolset

steps.packages('pydantic-ai-slim', 'mcp')


async def main() -> None:
    async with MCPToolset(steps.URL, headers=steps.HEADERS) as server:
        async def names():
            return [tool.name for tool in await server.list_tools()]
        await steps.step('tools', names())
        await steps.calls(server.direct_call_tool)


asyncio.run(main())
