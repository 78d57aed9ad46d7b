"""What every client here does, each step told as a line of JSON: tools/clients.py reads them.

A program gets URL TOKEN; its steps are `tools` (the names), `call` (the text of orders___getOrder),
`fail` (what it says of orders___breakOrder), `search` (the text of the search tool) and `again`
(a call after the gateway has been started anew, by the same client).
"""
import json
import sys
from importlib.metadata import version

URL, TOKEN = sys.argv[1:3]
HEADERS = {'Authorization': f'Bearer {TOKEN}'}
GET, FAIL = 'orders___getOrder', 'orders___breakOrder'
SEARCH = 'x_amz_bedrock_agentcore_search'
ORDER, QUERY = {'orderId': 7}, {'query': 'send an order back'}


def say(**what) -> None:
    print(json.dumps(what, default=str), flush=True)


def packages(*names: str) -> None:
    say(versions={name: version(name) for name in names})


def restart() -> None:
    """Asks for a restart of the gateway and waits for it."""
    say(restart=True)
    sys.stdin.readline()


async def step(name: str, asked) -> None:
    """One step's outcome; an exception is one too, and the next step is taken all the same."""
    try:
        say(**{name: await asked})
    except Exception as error:  # noqa: BLE001  that is how most frameworks tell a tool's failure
        say(**{name: f'{type(error).__name__}: {error}', 'raised': name})


async def calls(call) -> None:
    """The steps after `tools`, by one function of a tool's name and arguments."""
    await step('call', call(GET, ORDER))
    await step('fail', call(FAIL, ORDER))
    await step('search', call(SEARCH, QUERY))
    restart()
    await step('again', call(GET, ORDER))
