"""CrewAI's adapter of an MCP server."""
import asyncio

import steps
from crewai_tools import MCPServerAdapter

steps.packages('crewai-tools', 'mcpadapt', 'mcp')

with MCPServerAdapter({'url': steps.URL, 'headers': steps.HEADERS,
                       'transport': 'streamable-http'}) as found:
    tools = {tool.name: tool for tool in found}

    async def call(tool, arguments):
        """CrewAI renames tools: orders_get_order for orders___getOrder."""
        wanted = tool.lower().replace('_', '')
        return next(one for name, one in tools.items()
                    if name.lower().replace('_', '') == wanted).run(**arguments)
    steps.say(tools=list(tools))
    asyncio.run(steps.calls(call))
