"""S3 through boto3: buckets, objects, listings, conditions, copies, errors."""
import base64
import hashlib
import threading

import boto3
import pytest
from botocore.exceptions import ClientError
from harness.s3 import MB, body_of, refused, signed


def test_objects_keep_what_they_were_given(s3, bucket):
    expires = 'Wed, 21 Oct 2026 07:28:00 GMT'
    s3.put_object(Bucket=bucket, Key='a', Body=b'text', ContentType='text/plain',
                  CacheControl='no-cache', ContentEncoding='gzip', ContentLanguage='de',
                  ContentDisposition='inline', Expires=expires, Metadata={'Who': 'ann', 'x': '1'},
                  Tagging='a=1&b=two%20words', StorageClass='STANDARD_IA')
    for answer in (s3.get_object(Bucket=bucket, Key='a'), s3.head_object(Bucket=bucket, Key='a')):
        assert answer['ETag'] == f'"{hashlib.md5(b"text").hexdigest()}"'
        assert answer['ContentLength'] == 4
        assert answer['Metadata'] == {'who': 'ann', 'x': '1'}
        assert (answer['ContentType'], answer['CacheControl']) == ('text/plain', 'no-cache')
        assert (answer['ContentEncoding'], answer['ContentLanguage']) == ('gzip', 'de')
        assert answer['ContentDisposition'] == 'inline'
        assert answer['StorageClass'] == 'STANDARD_IA'
        assert answer['TagCount'] == 2
        assert answer['ExpiresString'] == expires
    overridden = s3.get_object(Bucket=bucket, Key='a', ResponseContentType='x/y',
                               ResponseContentDisposition='attachment')
    assert (overridden['ContentType'], overridden['ContentDisposition']) == ('x/y', 'attachment')
    tags = s3.get_object_tagging(Bucket=bucket, Key='a')['TagSet']
    assert tags == [{'Key': 'a', 'Value': '1'}, {'Key': 'b', 'Value': 'two words'}]
    s3.put_object_tagging(Bucket=bucket, Key='a', Tagging={'TagSet': [{'Key': 'c', 'Value': ''}]})
    assert s3.get_object_tagging(Bucket=bucket, Key='a')['TagSet'] == [{'Key': 'c', 'Value': ''}]
    s3.delete_object_tagging(Bucket=bucket, Key='a')
    assert s3.get_object_tagging(Bucket=bucket, Key='a')['TagSet'] == []


@pytest.mark.parametrize('key', ['a b+c', 'ü/日本', 'a//b/', '../x', 'a%2Fb', "it's (1)!*", '/lead',
                                 './dot', 'q?x=1&y', 'k' * 1024])
def test_any_key_is_a_key(s3, bucket, key):
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    assert body_of(s3.get_object(Bucket=bucket, Key=key)) == key.encode()
    assert [one['Key'] for one in s3.list_objects_v2(Bucket=bucket)['Contents']] == [key]
    s3.copy_object(Bucket=bucket, Key='copy', CopySource={'Bucket': bucket, 'Key': key})
    assert body_of(s3.get_object(Bucket=bucket, Key='copy')) == key.encode()
    s3.delete_objects(Bucket=bucket, Delete={'Objects': [{'Key': key}, {'Key': 'copy'}]})
    assert 'Contents' not in s3.list_objects_v2(Bucket=bucket)


def test_ranges(s3, bucket):
    s3.put_object(Bucket=bucket, Key='a', Body=b'0123456789')
    for text, wanted in [('bytes=0-3', b'0123'), ('bytes=8-', b'89'), ('bytes=-3', b'789'),
                         ('bytes=5-100', b'56789'), ('bytes=-100', b'0123456789')]:
        answer = s3.get_object(Bucket=bucket, Key='a', Range=text)
        assert body_of(answer) == wanted
        assert answer['ResponseMetadata']['HTTPStatusCode'] == 206
        assert answer['ContentRange'].endswith('/10')
    assert refused(s3.get_object, Bucket=bucket, Key='a', Range='bytes=10-') == (
        'InvalidRange', 416)
    whole = s3.get_object(Bucket=bucket, Key='a', Range='bytes=0-1,4-5')  # ignored, as S3 does
    assert (whole['ResponseMetadata']['HTTPStatusCode'], body_of(whole)) == (200, b'0123456789')


def test_conditions(s3, bucket):
    tag = s3.put_object(Bucket=bucket, Key='a', Body=b'1', IfNoneMatch='*')['ETag']
    assert refused(s3.put_object, Bucket=bucket, Key='a', Body=b'2', IfNoneMatch='*') == (
        'PreconditionFailed', 412)
    assert refused(s3.put_object, Bucket=bucket, Key='a', Body=b'2', IfMatch='"0"') == (
        'PreconditionFailed', 412)
    assert refused(s3.put_object, Bucket=bucket, Key='b', Body=b'2', IfMatch=tag) == (
        'NoSuchKey', 404)
    assert refused(s3.get_object, Bucket=bucket, Key='a', IfNoneMatch=tag) == ('304', 304)
    assert refused(s3.get_object, Bucket=bucket, Key='a', IfMatch='"0"') == (
        'PreconditionFailed', 412)
    assert body_of(s3.get_object(Bucket=bucket, Key='a', IfMatch=tag)) == b'1'
    modified = s3.head_object(Bucket=bucket, Key='a')['LastModified']
    assert refused(s3.head_object, Bucket=bucket, Key='a', IfModifiedSince=modified) == (
        '304', 304)
    assert refused(s3.get_object, Bucket=bucket, Key='a', IfUnmodifiedSince=1) == (
        'PreconditionFailed', 412)
    s3.put_object(Bucket=bucket, Key='a', Body=b'2', IfMatch=tag)
    source = {'Bucket': bucket, 'Key': 'a'}
    assert refused(s3.copy_object, Bucket=bucket, Key='c', CopySource=source,
                   CopySourceIfMatch=tag) == ('PreconditionFailed', 412)


def test_many_writers_of_one_new_key_have_one_winner(s3, bucket):
    outcomes = []

    def write(number):
        try:
            s3.put_object(Bucket=bucket, Key='one', Body=str(number), IfNoneMatch='*')
            outcomes.append(str(number).encode())
        except ClientError as error:
            assert error.response['Error']['Code'] == 'PreconditionFailed'
    threads = [threading.Thread(target=write, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [body_of(s3.get_object(Bucket=bucket, Key='one'))]


def test_errors_are_s3s(server, s3, bucket, unique):
    assert refused(s3.get_object, Bucket=bucket, Key='no') == ('NoSuchKey', 404)
    assert refused(s3.head_object, Bucket=bucket, Key='no') == ('404', 404)
    assert refused(s3.get_object, Bucket=unique('no'), Key='no') == ('NoSuchBucket', 404)
    assert refused(s3.put_object, Bucket=unique('no'), Key='no') == ('NoSuchBucket', 404)
    assert refused(s3.put_object, Bucket=bucket, Key='k' * 1025) == ('KeyTooLongError', 400)
    assert refused(s3.get_bucket_acl, Bucket=bucket) == ('NotImplemented', 501)
    assert refused(s3.put_bucket_versioning, Bucket=bucket,
                   VersioningConfiguration={'Status': 'Enabled'}) == ('NotImplemented', 501)
    assert refused(s3.put_object, Bucket=bucket, Key='a', ACL='public-read') == (
        'NotImplemented', 501)
    for sealing in ({'ServerSideEncryption': 'aws:kms'}, {'SSEKMSKeyId': 'alias/own'}):
        assert refused(s3.put_object, Bucket=bucket, Key='a', **sealing) == ('NotImplemented', 501)
        assert refused(s3.create_multipart_upload, Bucket=bucket, Key='a', **sealing) == (
            'NotImplemented', 501)
    s3.put_object(Bucket=bucket, Key='sse', ServerSideEncryption='AES256')
    s3.delete_object(Bucket=bucket, Key='sse')
    assert refused(s3.get_bucket_tagging, Bucket=bucket) == ('NoSuchTagSet', 404)
    assert refused(s3.get_bucket_lifecycle_configuration, Bucket=bucket) == (
        'NoSuchLifecycleConfiguration', 404)
    s3.put_object(Bucket=bucket, Key='a')
    assert refused(s3.delete_bucket, Bucket=bucket) == ('BucketNotEmpty', 409)
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=bucket, Key='no')
    said = caught.value.response
    assert said['Error']['Key'] == 'no'
    assert said['ResponseMetadata']['RequestId'] and said['ResponseMetadata']['HostId']
    stranger = server.aws('s3', aws_access_key_id='AKIANOBODYNOBODYNO00',
                          aws_secret_access_key='x' * 40)
    assert refused(stranger.list_buckets) == ('InvalidAccessKeyId', 403)
    wrong = server.credentials() | {'aws_secret_access_key': 'x' * 40}
    assert refused(server.aws('s3', **wrong).list_buckets) == ('SignatureDoesNotMatch', 403)


@pytest.mark.parametrize('document, what', [
    ('<Tagging><TagSet>', 'no element found'),
    ('<Tags><TagSet/></Tags>', 'the root element is Tags; expected Tagging'),
    ('<!DOCTYPE Tagging [<!ENTITY a "b">]><Tagging><TagSet>&a;</TagSet></Tagging>',
     'a document type'),
    ('<a>' * 65 + '</a>' * 65, 'more than 64 levels'),
])
def test_documents_that_are_none_of_s3s_are_refused(server, bucket, document, what):
    body = document.encode()
    answer = signed(server, 'PUT', f'/{bucket}?tagging', body,
                    Content_MD5=base64.b64encode(hashlib.md5(body).digest()).decode())
    text = answer.read().decode()
    assert answer.status == 400 and '<Code>MalformedXML</Code>' in text and what in text


@pytest.mark.parametrize('root', [
    'Tagging', 'Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'])
def test_documents_with_and_without_s3s_namespace_are_taken(server, s3, bucket, root):
    body = f'<{root}><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>'.encode()
    answer = signed(server, 'PUT', f'/{bucket}?tagging', body,
                    Content_MD5=base64.b64encode(hashlib.md5(body).digest()).decode())
    assert answer.status == 204, answer.read()
    assert s3.get_bucket_tagging(Bucket=bucket)['TagSet'] == [{'Key': 'a', 'Value': '1'}]


def test_locations(server, unique):
    def client(region):
        session = boto3.session.Session(region_name=region, **server.credentials())
        return session.client('s3', endpoint_url=server.base)
    west, east = client('us-west-2'), client('us-east-1')
    name = unique('west')
    assert refused(west.create_bucket, Bucket=name) == ('IllegalLocationConstraintException', 400)
    constraint = {'LocationConstraint': 'us-west-2'}
    west.create_bucket(Bucket=name, CreateBucketConfiguration=constraint)
    assert west.get_bucket_location(Bucket=name)['LocationConstraint'] == 'us-west-2'
    assert west.head_bucket(Bucket=name)['BucketRegion'] == 'us-west-2'
    assert refused(west.create_bucket, Bucket=name, CreateBucketConfiguration=constraint) == (
        'BucketAlreadyOwnedByYou', 409)
    first = unique('east')
    east.create_bucket(Bucket=first)
    east.create_bucket(Bucket=first)  # fine in this region, and there only
    assert east.get_bucket_location(Bucket=first)['LocationConstraint'] is None
    assert {name, first} <= {one['Name'] for one in east.list_buckets()['Buckets']}
    pages = list(east.get_paginator('list_buckets').paginate(PaginationConfig={'PageSize': 1}))
    assert len(pages) > 1
    for bad in ('Ab', 'a', 'with_underscore', '1.2.3.4', 'a..b'):
        answer = signed(server, 'PUT', f'/{bad}')
        assert answer.status == 400 and b'InvalidBucketName' in answer.read(), bad


def test_listings(s3, bucket):
    keys = [f'{folder}/{number:02}' for folder in 'abc' for number in range(7)] + ['top', 'a b']
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key)
    keys.sort()
    for size in (1, 2, 5, 1000):
        for name in ('list_objects_v2', 'list_objects'):
            pages = s3.get_paginator(name).paginate(Bucket=bucket,
                                                    PaginationConfig={'PageSize': size})
            assert [one['Key'] for page in pages for one in page.get('Contents', [])] == keys
            pages = list(s3.get_paginator(name).paginate(
                Bucket=bucket, Delimiter='/', PaginationConfig={'PageSize': size}))
            assert [one['Prefix'] for page in pages for one in page.get('CommonPrefixes', [])] == [
                'a/', 'b/', 'c/'], (name, size)
            assert [one['Key'] for page in pages for one in page.get('Contents', [])] == [
                'a b', 'top']
    page = s3.list_objects_v2(Bucket=bucket, Prefix='b/', StartAfter='b/04')
    assert [one['Key'] for one in page['Contents']] == ['b/05', 'b/06']
    assert page['KeyCount'] == 2 and not page['IsTruncated']
    assert refused(s3.list_objects_v2, Bucket=bucket, ContinuationToken='!')[0] == 'InvalidArgument'


def test_copies(s3, bucket, unique):
    other = unique('bucket')
    s3.create_bucket(Bucket=other)
    s3.put_object(Bucket=bucket, Key='a', Body=b'one' * MB, Metadata={'k': 'v'},
                  ContentType='x/y', Tagging='t=1')
    source = {'Bucket': bucket, 'Key': 'a'}
    s3.copy_object(Bucket=other, Key='b', CopySource=source)
    got = s3.get_object(Bucket=other, Key='b')
    assert (got['Metadata'], got['ContentType'], got['TagCount']) == ({'k': 'v'}, 'x/y', 1)
    s3.copy_object(Bucket=other, Key='c', CopySource=source, MetadataDirective='REPLACE',
                   Metadata={'n': 'w'}, TaggingDirective='REPLACE')
    assert s3.head_object(Bucket=other, Key='c')['Metadata'] == {'n': 'w'}
    assert refused(s3.copy_object, Bucket=bucket, Key='a', CopySource=source) == (
        'InvalidRequest', 400)
    s3.delete_object(Bucket=bucket, Key='a')
    assert body_of(s3.get_object(Bucket=other, Key='b')) == b'one' * MB  # it has its own bytes
    assert refused(s3.copy_object, Bucket=bucket, Key='x', CopySource=source) == ('NoSuchKey', 404)
    named = {'Bucket': bucket, 'Key': 'm'}
    named['UploadId'] = s3.create_multipart_upload(**named)['UploadId']
    result = s3.upload_part_copy(PartNumber=1, CopySource={'Bucket': other, 'Key': 'b'},
                                 CopySourceRange='bytes=1-5', **named)['CopyPartResult']
    s3.complete_multipart_upload(
        MultipartUpload={'Parts': [{'PartNumber': 1, 'ETag': result['ETag']}]}, **named)
    assert body_of(s3.get_object(Bucket=bucket, Key='m')) == b'neone'
