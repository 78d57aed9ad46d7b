"""Agno's toolkit of an MCP server."""
import asyncio

import steps
from agno.tools.function import FunctionCall
from agno.tools.mcp import MCPTools

steps.packages('agno', 'mcp')


async def main() -> None:
    async with MCPTools(url=steps.URL, headers=steps.HEADERS,
                        transport='streamable-http') as toolkit:
        async def call(tool, arguments):
            asked = FunctionCall(function=toolkit.functions[tool], arguments=arguments)
            done = await asked.aexecute()
            return str(done.result or done.error)
        steps.say(tools=list(toolkit.functions))
        await steps.calls(call)


asyncio.run(main())
