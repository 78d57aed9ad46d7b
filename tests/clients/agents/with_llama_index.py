"""LlamaIndex's tools of an MCP server."""
import asyncio

import steps
from llama_index.tools.mcp import BasicMCPClient, McpToolSpec

steps.packages('llama-index-tools-mcp', 'mcp')


async def main() -> None:
    spec = McpToolSpec(BasicMCPClient(steps.URL, headers=steps.HEADERS))
    tools = {}

    async def names():
        found = await spec.to_tool_list_async()
        tools.update((tool.metadata.name, tool) for tool in found)
        return list(tools)

    async def call(tool, arguments):
        return str(await tools[tool].acall(**arguments))
    await steps.step('tools', names())
    await steps.calls(call)


asyncio.run(main())
