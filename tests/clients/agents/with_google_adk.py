"""Google ADK's toolset; its tools are called as an agent's turn calls them, without an agent."""
import asyncio
from unittest.mock import MagicMock

import steps
from google.adk.tools.mcp_tool import McpToolset, StreamableHTTPConnectionParams
from google.adk.tools.tool_context import ToolContext

steps.packages('google-adk', 'mcp')


async def main() -> None:
    toolset = McpToolset(connection_params=StreamableHTTPConnectionParams(
        url=steps.URL, headers=steps.HEADERS))
    tools = {}

    async def names():
        tools.update((tool.name, tool) for tool in await toolset.get_tools())
        return list(tools)

    async def call(tool, arguments):
        context = MagicMock(spec=ToolContext)
        context.tool_confirmation = None
        return await tools[tool].run_async(args=arguments, tool_context=context)
    await steps.step('tools', names())
    await steps.calls(call)
    await toolset.close()


asyncio.run(main())
