"""AutoGen's workbench of an MCP server."""
import asyncio

import steps
from autogen_ext.tools.mcp import McpWorkbench, StreamableHttpServerParams

steps.packages('autogen-ext', 'mcp')


async def main() -> None:
    server = StreamableHttpServerParams(url=steps.URL, headers=steps.HEADERS)
    async with McpWorkbench(server) as workbench:
        async def names():
            return [tool['name'] for tool in await workbench.list_tools()]

        async def call(tool, arguments):
            return (await workbench.call_tool(tool, arguments)).to_text()
        await steps.step('tools', names())
        await steps.calls(call)


asyncio.run(main())
