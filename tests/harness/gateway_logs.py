"""What tests of gateways' logs read and set up."""
import gzip
import http.server
import json
import re
import time

import requests

OPEN = {'authorizerType': 'NONE'}


def own_group(gateway_id: str) -> str:
    return f'/aws/bedrock-agentcore/gateways/{gateway_id}'


def events(logs, group: str, pattern: str = '') -> list[dict]:
    how = {'filterPattern': pattern} if pattern else {}
    return logs.get_paginator('filter_log_events').paginate(
        logGroupName=group, **how).build_full_result()['events']


def records(logs, group: str, count: int, pattern: str = '') -> list[dict]:
    """The group's records once there are that many; written a moment after the answer."""
    until = time.monotonic() + 20
    while True:
        found = [json.loads(one['message']) for one in events(logs, group, pattern)]
        if len(found) >= count or time.monotonic() > until:
            assert len(found) == count, found
            return found
        time.sleep(0.02)


def deliver(logs, gateway_arn: str, name: str, destination_arn: str, **more) -> str:
    logs.put_delivery_source(name=f'{name}-source', resourceArn=gateway_arn,
                             logType='APPLICATION_LOGS')
    made = logs.put_delivery_destination(
        name=f'{name}-destination',
        deliveryDestinationConfiguration={'destinationResourceArn': destination_arn})
    return logs.create_delivery(deliverySourceName=f'{name}-source',
                                deliveryDestinationArn=made['deliveryDestination']['arn'],
                                **more)['delivery']['id']


def objects_of(s3, bucket: str, seconds: float = 30) -> dict[str, list[dict]]:
    """Records by key, once there is any."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        listed = s3.list_objects_v2(Bucket=bucket).get('Contents', [])
        if listed:
            return {one['Key']: [json.loads(line) for line in gzip.decompress(
                s3.get_object(Bucket=bucket, Key=one['Key'])['Body'].read()).splitlines()]
                for one in listed}
        time.sleep(0.1)
    return {}


def metric(server, name: str) -> int:
    text = requests.get(f'{server.base}/metrics', timeout=10).text
    return int(re.search(rf'^{name} (\d+)$', text, re.MULTILINE).group(1))


class Firehose(http.server.BaseHTTPRequestHandler):
    """Takes PutRecordBatch; its server's `batches` is what came, `failing` how often it refuses."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        refuses = self.server.failing > 0
        self.server.failing -= refuses
        if not refuses:
            self.server.batches.append((dict(self.headers), json.loads(body)))
        answer = b'{"FailedPutCount":0,"RequestResponses":[]}'
        self.send_response(500 if refuses else 200)
        self.send_header('Content-Length', str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass
