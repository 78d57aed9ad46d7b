"""LangChain's tools of an MCP server; each call has a connection of its own."""
import asyncio

import steps
from langchain_mcp_adapters.client import MultiServerMCPClient

steps.packages('langchain-mcp-adapters', 'mcp')


async def main() -> None:
    client = MultiServerMCPClient({'gateway': {
        'transport': 'streamable_http', 'url': steps.URL, 'headers': steps.HEADERS}})
    tools = {}

    async def names():
        tools.update((tool.name, tool) for tool in await client.get_tools())
        return list(tools)

    async def call(tool, arguments):
        return await tools[tool].ainvoke(arguments)
    await steps.step('tools', names())
    await steps.calls(call)


asyncio.run(main())
