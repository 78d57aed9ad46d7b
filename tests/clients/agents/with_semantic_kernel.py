"""Semantic Kernel's plugin of an MCP server; its functions have the tools' names."""
import asyncio

import steps
from semantic_kernel.connectors.mcp import MCPStreamableHttpPlugin

steps.packages('semantic-kernel', 'mcp')


async def main() -> None:
    async with MCPStreamableHttpPlugin(name='gateway', url=steps.URL,
                                       headers=steps.HEADERS) as plugin:
        functions = {name: getattr(plugin, name) for name in dir(plugin)
                     if hasattr(getattr(plugin, name), '__kernel_function_name__')}

        async def call(tool, arguments):
            return [str(part) for part in await functions[tool](**arguments)]
        steps.say(tools=list(functions))
        await steps.calls(call)


asyncio.run(main())
