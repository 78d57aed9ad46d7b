"""mcp-use's client."""
import asyncio

import steps
from mcp_use import MCPClient

steps.packages('mcp-use', 'mcp')


async def main() -> None:
    client = MCPClient.from_dict({'mcpServers': {'gateway': {
        'url': steps.URL, 'headers': steps.HEADERS}}})
    session = await client.create_session('gateway')

    async def names():
        return [tool.name for tool in await session.list_tools()]

    async def call(tool, arguments):
        return (await session.call_tool(tool, arguments)).content[0].text
    await steps.step('tools', names())
    await steps.calls(call)
    await client.close_all_sessions()


asyncio.run(main())
