"""Requests signed by botocore's own SigV4, sent byte for byte as the test wants them."""
import json

import requests
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def request(server, method: str, url: str, body=None, service: str = 'bedrock-agentcore',
            headers: dict | None = None, query_form: bool = False, credentials=None) -> AWSRequest:
    given = credentials or server.credentials()
    signer = Credentials(given['aws_access_key_id'], given['aws_secret_access_key'],
                         given.get('aws_session_token'))
    data = body if body is None or isinstance(body, (str, bytes)) else json.dumps(body)
    made = AWSRequest(method=method, url=url, data=data,
                      headers={'Content-Type': 'application/json'} | (headers or {}))
    auth = SigV4QueryAuth if query_form else SigV4Auth
    auth(signer, service, server.environment()['AWS_REGION']).add_auth(made)
    return made


def send(server, method: str, url: str, body=None, service: str = 'bedrock-agentcore',
         headers: dict | None = None, **more) -> requests.Response:
    made = request(server, method, url, body, service, headers, **more)
    return requests.request(method, made.prepare().url, data=made.data, timeout=30,
                            headers=dict(made.headers.items()))
