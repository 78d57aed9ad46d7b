"""mcp 2.x: probes for the stateless protocol, falls back, lists the tools and calls one.

URL TOKEN TOOL ARGUMENTS
"""
import asyncio
import json
import sys
from importlib.metadata import version

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client


async def main(url: str, token: str, tool: str, arguments: str) -> None:
    headers = {'Authorization': f'Bearer {token}'}
    async with httpx2.AsyncClient(headers=headers, timeout=30) as http:
        async with Client(streamable_http_client(url, http_client=http)) as client:
            tools, cursor = [], None
            while True:
                page = await client.list_tools(cursor=cursor)
                tools += [tool.name for tool in page.tools]
                cursor = page.next_cursor
                if not cursor:
                    break
            result = await client.call_tool(tool, json.loads(arguments))
            wrong = await client.call_tool(tool, {'orderId': 'seven'})
            print(json.dumps({'version': version('mcp'), 'protocol': client.protocol_version,
                              'tools': tools, 'text': result.content[0].text,
                              'error': wrong.is_error}))


asyncio.run(main(*sys.argv[1:]))
