"""Haystack's toolset of an MCP server."""
import asyncio

import steps
from haystack.utils import Secret
from haystack_integrations.tools.mcp import MCPToolset, StreamableHttpServerInfo

steps.packages('mcp-haystack', 'mcp')

toolset = MCPToolset(StreamableHttpServerInfo(url=steps.URL, token=Secret.from_token(steps.TOKEN)),
                     eager_connect=True)
tools = {tool.name: tool for tool in toolset}


async def call(tool, arguments):
    return tools[tool].invoke(**arguments)


steps.say(tools=list(tools))
asyncio.run(steps.calls(call))
toolset.close()
