"""mcp 1.x: lists the tools and calls one of them several times in one session; prints the names
and the structured contents, or that a call failed, as one line of JSON.

URL TOKEN TOOL ARGUMENTS…
"""
import asyncio
import json
import sys

from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client


async def main(url: str, token: str, tool: str, *calls: str) -> None:
    headers = {'Authorization': f'Bearer {token}'}
    async with streamablehttp_client(url, headers=headers) as (read, write, _):
        async with ClientSession(read, write) as session:
            await session.initialize()
            names = [one.name for one in (await session.list_tools()).tools]
            results = [await session.call_tool(tool, json.loads(call)) for call in calls]
    print(json.dumps({'tools': names, 'results': [
        None if one.isError else one.structuredContent for one in results]}))


asyncio.run(main(*sys.argv[1:]))
