"""HTTP clients as they come, in an environment that `toolgate run` has made.

redirected.py CLIENT…: makes a user pool with boto3 (its endpoint from the environment), asks for a
token at the pool's AWS host name with each client, and for the caller's identity with boto3 and
with boto3 that is given AWS's own URL. Prints one object of JSON.
"""
import asyncio
import json
import os
import ssl
import subprocess
import sys
import urllib.parse
import urllib.request

import aiohttp
import boto3
import gevent
import httpx
import requests
import urllib3
import uvloop

FORM = {'Content-Type': 'application/x-www-form-urlencoded'}


def by_requests(url, form):
    return requests.post(url, data=form, timeout=20).json()


def by_urllib3(url, form):
    body = urllib.parse.urlencode(form)
    return json.loads(urllib3.PoolManager().request('POST', url, body=body, headers=FORM).data)


def by_httpx(url, form):
    return httpx.post(url, data=form).json()


def by_httpx_async(url, form):
    async def ask():
        async with httpx.AsyncClient() as client:
            return (await client.post(url, data=form)).json()
    return asyncio.run(ask())


def by_aiohttp(url, form, **more):
    async def ask():
        async with aiohttp.ClientSession(**more) as client, client.post(url, data=form) as answer:
            return await answer.json()
    return asyncio.run(ask())


def by_aiohttp_env(url, form):
    return by_aiohttp(url, form, trust_env=True)


def by_httpx_direct(url, form):
    """No proxy: anyio's own connections."""
    async def ask():
        trusted = ssl.create_default_context()
        async with httpx.AsyncClient(trust_env=False, verify=trusted) as client:
            return (await client.post(url, data=form)).json()
    return asyncio.run(ask())


def by_asyncio(url, form):
    parts, body = urllib.parse.urlsplit(url), urllib.parse.urlencode(form)

    async def ask():
        reader, writer = await asyncio.open_connection(parts.hostname, 443, ssl=True)
        writer.write(f'POST {parts.path} HTTP/1.1\r\nHost: {parts.hostname}\r\n'
                     'Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n'
                     f'Content-Length: {len(body)}\r\n\r\n{body}'.encode())
        return json.loads((await reader.read()).partition(b'\r\n\r\n')[2])
    return asyncio.run(ask())


def by_uvloop(url, form):
    """httpx without a proxy, and streams, on uvloop's own connections."""
    async def ask():
        trusted = ssl.create_default_context()
        async with httpx.AsyncClient(trust_env=False, verify=trusted) as client:
            return (await client.post(url, data=form)).json()

    async def reach():
        host = urllib.parse.urlsplit(url).hostname
        _, writer = await asyncio.open_connection(host, 443, ssl=True)
        writer.close()

    async def both():
        await reach()
        return await ask()
    return uvloop.run(both())


GEVENT = '''
from gevent import monkey
monkey.patch_all()
import os, sys, requests, urllib3, gevent.socket
assert requests.packages.urllib3.util.connection.socket.socket is gevent.socket.socket
with requests.Session() as session:
    session.trust_env = False
    form = dict(pair.split('=', 1) for pair in sys.argv[2:])
    print(session.post(sys.argv[1], data=form, timeout=20,
                       verify=os.environ['REQUESTS_CA_BUNDLE']).text)
'''


def by_gevent(url, form):
    """requests without a proxy, its sockets replaced by gevent's: in a process of its own."""
    pairs = [f'{name}={value}' for name, value in form.items()]
    return json.loads(subprocess.run([sys.executable, '-c', GEVENT, url, *pairs], check=True,
                                     text=True, stdout=subprocess.PIPE).stdout)


def by_urllib(url, form):
    asked = urllib.request.Request(url, urllib.parse.urlencode(form).encode(), FORM)
    with urllib.request.urlopen(asked, timeout=20) as answer:
        return json.load(answer)


CLIENTS = {'requests': by_requests, 'urllib3': by_urllib3, 'httpx': by_httpx,
           'httpx-async': by_httpx_async, 'aiohttp': by_aiohttp, 'aiohttp-env': by_aiohttp_env,
           'urllib': by_urllib, 'httpx-direct': by_httpx_direct, 'asyncio': by_asyncio,
           'uvloop': by_uvloop, 'gevent': by_gevent}
VERSIONS = {module.__name__: module.__version__
            for module in (boto3, requests, urllib3, httpx, aiohttp, uvloop, gevent)}


def make_client() -> tuple[str, dict]:
    """The token URL and the form of a machine client, made with the tutorials' calls."""
    cognito = boto3.client('cognito-idp')
    pool = cognito.create_user_pool(PoolName='redirected')['UserPool']['Id']
    domain = pool.replace('_', '').lower()
    cognito.create_user_pool_domain(Domain=domain, UserPoolId=pool)
    cognito.create_resource_server(UserPoolId=pool, Identifier='all', Name='all', Scopes=[
        {'ScopeName': 'read', 'ScopeDescription': 'read'}])
    made = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName='machine', GenerateSecret=True,
        AllowedOAuthFlows=['client_credentials'], AllowedOAuthScopes=['all/read'],
        AllowedOAuthFlowsUserPoolClient=True)['UserPoolClient']
    region = pool.partition('_')[0]
    return f'https://{domain}.auth.{region}.amazoncognito.com/oauth2/token', {
        'grant_type': 'client_credentials', 'client_id': made['ClientId'],
        'client_secret': made['ClientSecret'], 'scope': 'all/read'}


def outcome(call, *arguments) -> str:
    try:
        return 'token' if call(*arguments)['access_token'].count('.') == 2 else 'no token'
    except Exception as error:  # said in the test's report
        return repr(error)


def main() -> None:
    sts = boto3.client('sts')
    region = sts.meta.region_name
    plain = boto3.client('sts', endpoint_url=f'https://sts.{region}.amazonaws.com')
    url, form = make_client()
    print(json.dumps({
        'account': sts.get_caller_identity()['Account'],
        'account at AWS': plain.get_caller_identity()['Account'],
        'endpoint': sts.meta.endpoint_url, 'region': region, 'url': url, 'form': form,
        'tokens': {name: outcome(CLIENTS[name], url, form) for name in sys.argv[1:]},
        'AWS_ENDPOINT_URL': os.environ.get('AWS_ENDPOINT_URL'), 'versions': VERSIONS}))


main()
