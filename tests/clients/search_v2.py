"""mcp 2.x: what search_v1.py does.

URL TOKEN TOOL ARGUMENTS…
"""
import asyncio
import json
import sys

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client


async def main(url: str, token: str, tool: str, *calls: str) -> None:
    headers = {'Authorization': f'Bearer {token}'}
    async with httpx2.AsyncClient(headers=headers, timeout=30) as http:
        async with Client(streamable_http_client(url, http_client=http)) as client:
            names = [one.name for one in (await client.list_tools()).tools]
            results = [await client.call_tool(tool, json.loads(call)) for call in calls]
    print(json.dumps({'tools': names, 'results': [
        None if one.is_error else one.structured_content for one in results]}))


asyncio.run(main(*sys.argv[1:]))
