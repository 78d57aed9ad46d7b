"""mcp 1.x: lists the tools and calls one; prints what it saw as one line of JSON.

URL TOKEN TOOL ARGUMENTS
"""
import asyncio
import json
import sys
from importlib.metadata import version

from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client


async def main(url: str, token: str, tool: str, arguments: str) -> None:
    headers = {'Authorization': f'Bearer {token}'}
    async with streamablehttp_client(url, headers=headers) as (read, write, _):
        async with ClientSession(read, write) as session:
            hello = await session.initialize()
            await session.send_ping()
            tools, cursor = [], None
            while True:
                page = await session.list_tools(cursor)
                tools += [tool.name for tool in page.tools]
                cursor = page.nextCursor
                if not cursor:
                    break
            result = await session.call_tool(tool, json.loads(arguments))
            wrong = await session.call_tool(tool, {'orderId': 'seven'})
    print(json.dumps({'version': version('mcp'), 'protocol': hello.protocolVersion,
                      'tools': tools, 'text': result.content[0].text,
                      'error': wrong.isError}))


asyncio.run(main(*sys.argv[1:]))
