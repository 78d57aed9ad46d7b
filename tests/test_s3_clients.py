"""S3 with real clients: boto3, newest and the tutorials', and the AWS CLI."""
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import boto3
import botocore
import pytest
import requests
from botocore.config import Config
from harness.programs import ROOT
from harness.s3 import MB, body_of, refused, signed

CLI = ROOT / '.venv/tests/bin/aws'


def test_versions(capsys):
    cli = subprocess.run([CLI, '--version'], capture_output=True, text=True).stdout.split()[0]
    with capsys.disabled():
        print(f'\nboto3 {boto3.__version__}, botocore {botocore.__version__}, {cli}', end='')


@pytest.mark.parametrize('environment, version', [
    ('tests', '1.44.5'), ('boto3-1.43.11', '1.43.11')])
def test_one_life_of_a_bucket(server, unique, environment, version):
    exported = server.environment()
    done = subprocess.run(
        [ROOT / '.venv' / environment / 'bin/python', ROOT / 'tests/clients/s3_calls.py',
         server.base, exported['AWS_REGION'], unique('life')],
        capture_output=True, text=True, timeout=90, env=os.environ | exported)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip() == version


def test_what_the_starter_toolkit_does(server, s3, unique, tmp_path):
    name = unique('codebuild-sources')
    account = server.ready['account']
    assert refused(s3.head_bucket, Bucket=name, ExpectedBucketOwner=account) == ('404', 404)
    s3.create_bucket(Bucket=name)
    rules = [{'ID': 'DeleteOldBuilds', 'Status': 'Enabled', 'Filter': {},
              'Expiration': {'Days': 7}}]
    minimum = {'TransitionDefaultMinimumObjectSize': 'varies_by_storage_class'}
    for given, kept in ((minimum, minimum),
                        ({}, {'TransitionDefaultMinimumObjectSize': 'all_storage_classes_128K'})):
        s3.put_bucket_lifecycle_configuration(
            Bucket=name, LifecycleConfiguration={'Rules': rules}, **given)
        assert s3.get_bucket_lifecycle_configuration(Bucket=name).items() >= kept.items()
    assert s3.get_bucket_lifecycle_configuration(Bucket=name)['Rules'][0]['Expiration'] == {
        'Days': 7}
    s3.head_bucket(Bucket=name, ExpectedBucketOwner=account)
    assert refused(s3.head_bucket, Bucket=name, ExpectedBucketOwner='999999999999') == ('403', 403)
    source = tmp_path / 'source.zip'
    source.write_bytes(os.urandom(100_000))
    s3.upload_file(str(source), name, 'agent/source.zip',
                   ExtraArgs={'ExpectedBucketOwner': account})
    assert body_of(s3.get_object(Bucket=name, Key='agent/source.zip')) == source.read_bytes()


@pytest.mark.parametrize('version', ['s3v4', None])  # none: boto3's own choice, the older form
def test_presigned_urls(server, s3, bucket, version):
    arguments = {'Bucket': bucket, 'Key': 'a b/ü'}
    client = boto3.session.Session(region_name='us-east-1', **server.credentials()).client(
        's3', endpoint_url=server.base, config=Config(signature_version=version))
    put = client.generate_presigned_url('put_object', Params=arguments, ExpiresIn=60)
    assert ('AWSAccessKeyId=' in put) == (version is None)
    assert requests.put(put, data=b'sent', timeout=30).status_code == 200
    get = client.generate_presigned_url('get_object', Params=arguments, ExpiresIn=3)
    assert urllib.request.urlopen(get).read() == b'sent'
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(get.replace('a%20b', 'a%20c'))
    assert caught.value.code == 403
    assert b'SignatureDoesNotMatch' in caught.value.read()
    with pytest.raises(urllib.error.HTTPError) as caught:
        for _ in range(100):  # until its time is over
            urllib.request.urlopen(get)
            time.sleep(0.1)
    assert caught.value.code == 403 and b'AccessDenied' in caught.value.read()
    with pytest.raises(urllib.error.HTTPError) as caught:  # not signed at all
        urllib.request.urlopen(f'{server.base}/{bucket}/x', data=b'')
    assert caught.value.code in (403, 404)


def test_virtual_host_style(server, unique, monkeypatch):
    """boto3 as it is without an endpoint: the bucket in the host name; only the name resolves to
    us."""
    to = urlsplit(server.base)
    real = socket.getaddrinfo

    def resolve(host, port, *rest, **more):
        if isinstance(host, str) and host.endswith('.amazonaws.com'):
            return real(to.hostname, to.port, *rest, **more)
        return real(host, port, *rest, **more)
    monkeypatch.setattr(socket, 'getaddrinfo', resolve)
    session = boto3.session.Session(region_name='us-east-1', **server.credentials())
    s3 = session.client('s3', use_ssl=False, config=Config(s3={'addressing_style': 'virtual'}))
    name = unique('virtual.dots')
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key='gateways/x/mcp', Body=b'not a gateway')
    assert body_of(s3.get_object(Bucket=name, Key='gateways/x/mcp')) == b'not a gateway'
    assert [one['Key'] for one in s3.list_objects_v2(Bucket=name)['Contents']] == [
        'gateways/x/mcp']
    path = session.client('s3', use_ssl=False, config=Config(s3={'addressing_style': 'path'}))
    assert body_of(path.get_object(Bucket=name, Key='gateways/x/mcp')) == b'not a gateway'
    s3.delete_object(Bucket=name, Key='gateways/x/mcp')
    s3.delete_bucket(Bucket=name)


def test_the_cli(server, tmp_path, unique):
    environment = os.environ | server.environment() | {
        'AWS_CONFIG_FILE': str(tmp_path / 'none'), 'AWS_PAGER': '',
        'AWS_ENDPOINT_URL': server.base}
    for name in ('VIRTUAL_ENV', 'PYTHONPATH', 'PYTHONHOME'):
        environment.pop(name, None)

    def aws(*words: str, status: int = 0) -> str:
        done = subprocess.run([CLI, 's3', *words], capture_output=True, text=True, timeout=90,
                              env=environment)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr
    name = unique('cli')
    aws('mb', f's3://{name}')
    folder = tmp_path / 'folder'
    (folder / 'deep').mkdir(parents=True)
    (folder / 'a.txt').write_text('a')
    (folder / 'deep/large').write_bytes(os.urandom(9 * MB))
    for file in (folder / 'a.txt', folder / 'deep/large'):
        os.utime(file, (1_700_000_000, 1_700_000_000))  # S3's times are whole seconds
    aws('sync', str(folder), f's3://{name}/copy', '--no-progress')
    assert aws('sync', str(folder), f's3://{name}/copy', '--no-progress') == ''  # nothing to do
    assert 'PRE deep/' in aws('ls', f's3://{name}/copy/')
    assert 'deep/large' in aws('ls', '--recursive', f's3://{name}')
    aws('cp', f's3://{name}/copy/deep/large', str(tmp_path / 'back'), '--no-progress')
    assert (tmp_path / 'back').read_bytes() == (folder / 'deep/large').read_bytes()
    aws('mv', f's3://{name}/copy/a.txt', f's3://{name}/b.txt', '--no-progress')
    url = aws('presign', f's3://{name}/b.txt').strip()
    assert urllib.request.urlopen(url).read() == b'a'
    assert 'NoSuchBucket' in aws('ls', f's3://{unique("none")}', status=255)
    aws('rb', f's3://{name}', '--force')
