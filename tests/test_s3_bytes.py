"""S3: large objects, what a crash leaves, and the public sample."""
import hashlib
import io
import json
import os
import threading
import time

import pytest
from boto3.s3.transfer import TransferConfig
from harness.s3 import MB, body_of, refused


@pytest.mark.timeout(300)
def test_100_mb_in_parallel_parts_within_64_mb(own_server, tmp_path, capsys):
    server = own_server()
    s3 = server.aws('s3')
    s3.create_bucket(Bucket='large')
    source = tmp_path / 'source'
    source.write_bytes(os.urandom(100 * MB))
    peak, done = [server.memory_mb()], threading.Event()

    def watch():
        while not done.wait(0.01):
            peak.append(server.memory_mb())
    watcher = threading.Thread(target=watch)
    watcher.start()
    config = TransferConfig(multipart_chunksize=8 * MB, max_concurrency=10)
    begun = time.monotonic()
    s3.upload_file(str(source), 'large', 'object', Config=config)
    sent = time.monotonic()
    s3.download_file('large', 'object', str(tmp_path / 'back'), Config=config)
    ended = time.monotonic()
    done.set()
    watcher.join()
    assert (tmp_path / 'back').read_bytes() == source.read_bytes()
    with capsys.disabled():
        print(f'\n100 MB up {sent - begun:.1f} s, down {ended - sent:.1f} s; memory '
              f'{peak[0]:.0f} MB, at most {max(peak):.0f} MB', end='')
    assert max(peak) < 64


class Sender(threading.Thread):
    """Puts objects, whole and in parts, until the server is gone; remembers what was answered."""

    def __init__(self, s3, word: str) -> None:
        super().__init__()
        self.s3, self.word = s3, word
        self.acknowledged: dict[str, str] = {}

    def run(self) -> None:
        config = TransferConfig(multipart_threshold=5 * MB, multipart_chunksize=5 * MB)
        number = 0
        try:
            while True:
                number += 1
                data = os.urandom(6 * MB if number % 3 == 0 else 50_000)
                key = f'{self.word}-{number % 5}-{number}'
                self.s3.upload_fileobj(io.BytesIO(data), 'kept', key, Config=config)
                self.acknowledged[key] = hashlib.sha256(data).hexdigest()
        except Exception:  # noqa: BLE001: the server is gone, as intended
            pass


@pytest.mark.timeout(300)
def test_what_was_acknowledged_survives_sigkill(own_server, capsys):
    server = own_server()
    server.aws('s3').create_bucket(Bucket='kept')
    known: dict[str, str] = {}
    for kill in range(6):
        senders = [Sender(server.aws('s3'), f'{kill}{n}') for n in range(3)]
        for sender in senders:
            sender.start()
        until = time.monotonic() + 20
        while not all(sender.acknowledged for sender in senders):
            assert time.monotonic() < until
            time.sleep(0.01)
        time.sleep(0.17 * kill)
        server.kill()
        for sender in senders:
            sender.join()
            known |= sender.acknowledged
        server.start()
        s3 = server.aws('s3')
        pages = s3.get_paginator('list_objects_v2').paginate(Bucket='kept')
        listed = {one['Key']: one['Size'] for page in pages for one in page.get('Contents', [])}
        assert known.keys() <= listed.keys()
        for key, size in listed.items():  # nothing is half there
            data = body_of(s3.get_object(Bucket='kept', Key=key))
            assert len(data) == size and size in (50_000, 6 * MB)
            assert key not in known or hashlib.sha256(data).hexdigest() == known[key]
    for upload in s3.list_multipart_uploads(Bucket='kept').get('Uploads', []):
        s3.abort_multipart_upload(Bucket='kept', Key=upload['Key'], UploadId=upload['UploadId'])
    for key in listed:
        s3.delete_object(Bucket='kept', Key=key)
    s3.delete_bucket(Bucket='kept')
    until = time.monotonic() + 60
    files = lambda: [f for f in (server.data / 'blobs').rglob('*') if f.is_file()]  # noqa: E731
    while files() and time.monotonic() < until:
        time.sleep(0.1)
    assert files() == []  # no byte is left
    with capsys.disabled():
        print(f'\n6 kills, {len(known)} acknowledged objects, all there', end='')
    assert len(known) > 10


def test_the_public_sample(server, s3):
    bucket = 'amazonbedrockagentcore-built-sampleschemas455e0815-oj7jujcd8xiu'
    answer = s3.get_object(Bucket=bucket, Key='dynamodb-smithy.json')
    text = body_of(answer)
    assert answer['ContentLength'] == len(text)
    model = json.loads(text)
    assert model['smithy'] == '2.0'
    shapes = model['shapes']
    service = shapes['com.amazonaws.dynamodb#DynamoDB_20120810']
    assert service['type'] == 'service' and 'aws.protocols#awsJson1_0' in service['traits']
    assert {one['target'].split('#')[1] for one in service['operations']} > {'GetItem', 'PutItem'}
    for operation in service['operations']:
        shape = shapes[operation['target']]
        assert shape['type'] == 'operation'
        for part in ('input', 'output'):
            assert shape[part]['target'] in shapes or shape[part]['target'] == 'smithy.api#Unit'
    table = shapes['com.amazonaws.dynamodb#GetItemInput']['members']['TableName']
    assert 'smithy.api#required' in table['traits'] and table['target'] in shapes
    assert s3.head_object(Bucket=bucket, Key='dynamodb-smithy.json')['ContentLength'] == len(text)
    assert refused(s3.get_object, Bucket=bucket, Key='other') == ('NoSuchKey', 404)
    assert refused(s3.create_bucket, Bucket=bucket) == ('BucketAlreadyExists', 409)
