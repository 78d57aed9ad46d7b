"""The MCP server behind the gateway: FastMCP with an order tool, one that fails, and many more.

    orders.py PORT MORE
"""
import sys
from typing import Literal

from mcp.server.fastmcp import FastMCP
from pydantic import BaseModel

port, more = map(int, sys.argv[1:])
server = FastMCP('orders', host='127.0.0.1', port=port, log_level='WARNING')


class Price(BaseModel):
    amount: float
    currency: str = 'EUR'


class Line(BaseModel):
    """Makes schemas with $defs and $ref, which many clients make types of."""
    article: str
    unit: Literal['piece', 'box'] = 'piece'
    price: Price | None = None


@server.tool()
def getOrder(orderId: int, currency: str | None = None,
             only: list[Line] | None = None) -> dict[str, str]:
    """Get an order by its id"""
    return {'order': str(orderId), 'state': 'shipped', 'currency': currency or 'EUR'}


@server.tool()
def breakOrder(orderId: int) -> str:
    """Break an order, which never works"""
    raise ValueError(f'order {orderId} is unbreakable')


@server.tool()
def returnOrder(orderId: int, reason: str = '') -> str:
    """Send an order back to the shop"""
    return f'{orderId} goes back: {reason}'


for number in range(more):
    server.add_tool(lambda: number, name=f'other{number}', description=f'Counter {number}')
server.run(transport='streamable-http')
