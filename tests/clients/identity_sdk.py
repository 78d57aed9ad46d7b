"""An agent on a developer's machine, with the real bedrock-agentcore SDK: its decorators fetch an
API key, a token of its own and a user's. A user consents when asked.
identity_sdk.py API_KEY_PROVIDER M2M_PROVIDER USER_PROVIDER RETURN_URL FOLDER_OF_HARNESS"""
import json
import sys
import urllib.parse
from pathlib import Path

import boto3
from bedrock_agentcore.identity.auth import requires_access_token, requires_api_key
from bedrock_agentcore.services.identity import IdentityClient, UserIdIdentifier

KEYS, MACHINE, USER, RETURN, HARNESS = sys.argv[1:]
sys.path.insert(0, HARNESS)
from harness.browser import Browser  # noqa: E402

region = boto3.Session().region_name
identity = IdentityClient(region)
name = identity.create_workload_identity(
    allowed_resource_oauth_2_return_urls=[RETURN])['name']
Path('.agentcore.json').write_text(json.dumps({'workload_identity_name': name, 'user_id': 'ann'}))
asked = []


def user_consents(url: str) -> None:
    asked.append(url)
    back = Browser().walk(url, RETURN, 'ann-at-the-api')
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(back).query)
    assert query['state'] == ['my-state'], back
    identity.complete_resource_token_auth(query['session_id'][0], UserIdIdentifier(user_id='ann'))


@requires_api_key(provider_name=KEYS)
def key(*, api_key: str) -> str:
    return api_key


@requires_access_token(provider_name=MACHINE, scopes=['a'], auth_flow='M2M')
def machine(*, access_token: str) -> str:
    return access_token


@requires_access_token(provider_name=USER, scopes=['openid', 'offline_access'],
                       auth_flow='USER_FEDERATION', on_auth_url=user_consents, callback_url=RETURN,
                       custom_state='my-state', custom_parameters={'prompt': 'consent'})
def user(*, access_token: str) -> str:
    return access_token


print(json.dumps({'key': key(), 'machine': machine(), 'again': machine(), 'user': user(),
                  'user_again': user(), 'asked': len(asked)}))
