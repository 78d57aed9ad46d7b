"""Microsoft Agent Framework's tool of an MCP server."""
import asyncio

import steps
from agent_framework import MCPStreamableHTTPTool

steps.packages('agent-framework-core', 'mcp')


async def main() -> None:
    async with MCPStreamableHTTPTool('gateway', steps.URL,
                                     static_headers=steps.HEADERS) as server:
        async def call(tool, arguments):
            return str([getattr(part, 'text', part)
                        for part in await server.call_tool(tool, **arguments)])
        steps.say(tools=[function.name for function in server.functions])
        await steps.calls(call)


asyncio.run(main())
