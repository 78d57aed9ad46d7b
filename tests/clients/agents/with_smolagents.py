"""smolagents' client, which is mcpadapt's."""
import asyncio

import steps
from smolagents import MCPClient

steps.packages('smolagents', 'mcpadapt', 'mcp')

client = MCPClient({'url': steps.URL, 'headers': steps.HEADERS, 'transport': 'streamable-http'},
                   structured_output=True)
tools = {tool.name: tool for tool in client.get_tools()}


async def call(tool, arguments):
    return tools[tool](**arguments)


steps.say(tools=list(tools))
asyncio.run(steps.calls(call))
client.disconnect()
