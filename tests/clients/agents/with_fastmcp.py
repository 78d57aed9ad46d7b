"""FastMCP's own client, with what it does by itself: discovery of the version, pages."""
import asyncio

import steps
from fastmcp import Client
from fastmcp.client.transports import StreamableHttpTransport

steps.packages('fastmcp', 'mcp')


async def main() -> None:
    async with Client(StreamableHttpTransport(steps.URL, auth=steps.TOKEN)) as client:
        async def names():
            return [tool.name for tool in await client.list_tools()]

        async def call(tool, arguments):
            return (await client.call_tool(tool, arguments)).content[0].text
        await steps.step('tools', names())
        await steps.calls(call)


asyncio.run(main())
