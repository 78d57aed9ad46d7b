"""S3: how payloads come (whole, in chunks, in parts) and how they are checked."""
import base64
import hashlib
import os

import pytest
from botocore.exceptions import ClientError
from harness.s3 import (ALGORITHMS, MB, body_of, checksum, chunked, prepare, refused, signed,
                        signed_chunks)


@pytest.mark.parametrize('algorithm', ALGORITHMS)
def test_checksums_are_checked_and_kept(s3, bucket, algorithm):
    member = f'Checksum{algorithm}'
    right, wrong = checksum(algorithm, b'data'), checksum(algorithm, b'Data')
    assert refused(s3.put_object, Bucket=bucket, Key='a', Body=b'data', **{member: wrong}) == (
        'BadDigest', 400)
    assert refused(s3.get_object, Bucket=bucket, Key='a') == ('NoSuchKey', 404)
    assert s3.put_object(Bucket=bucket, Key='a', Body=b'data', **{member: right})[member] == right
    answer = s3.get_object(Bucket=bucket, Key='a', ChecksumMode='ENABLED')
    assert (answer[member], answer['ChecksumType']) == (right, 'FULL_OBJECT')
    assert body_of(answer) == b'data'


def test_md5_and_payload_hash_are_checked(server, s3, bucket):
    wrong = base64.b64encode(hashlib.md5(b'other').digest()).decode()
    assert refused(s3.put_object, Bucket=bucket, Key='a', Body=b'data', ContentMD5=wrong) == (
        'BadDigest', 400)
    answer = signed(server, 'PUT', f'/{bucket}/a', b'data', hashlib.sha256(b'Data').hexdigest())
    assert answer.status == 400 and b'XAmzContentSHA256Mismatch' in answer.read()
    assert signed(server, 'PUT', f'/{bucket}/a', b'data', 'UNSIGNED-PAYLOAD').status == 200


@pytest.mark.parametrize('algorithm', ALGORITHMS)
def test_trailing_checksums(server, s3, bucket, algorithm):
    data = os.urandom(3000)
    name = f'x-amz-checksum-{algorithm.lower()}'
    fields = {'Content_Encoding': 'aws-chunked', 'x_amz_trailer': name,
              'x_amz_decoded_content_length': str(len(data))}
    hashed = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'
    for given, status in [(data, 200), (b'!' + data[1:], 400)]:
        sent = chunked(given, 1000, f'{name}:{checksum(algorithm, data)}\r\n')
        answer = signed(server, 'PUT', f'/{bucket}/{status}', sent, hashed, **fields)
        assert answer.status == status, answer.read()
        assert status == 200 or b'BadDigest' in answer.read()
    answer = signed(server, 'PUT', f'/{bucket}/x', chunked(data, 999, ''), hashed, **fields)
    assert answer.status == 400 and b'MalformedTrailerError' in answer.read()
    answer = signed(server, 'PUT', f'/{bucket}/x', sent[:500], hashed, **fields)
    assert answer.status == 400 and b'IncompleteBody' in answer.read()
    got = s3.get_object(Bucket=bucket, Key='200')
    assert 'ContentEncoding' not in got
    assert body_of(got) == data


@pytest.mark.parametrize('trailing', [False, True])
def test_signed_chunks(server, s3, bucket, trailing):
    pieces = [os.urandom(8192), os.urandom(8192), b'last']
    data = b''.join(pieces)
    trailer = f'x-amz-checksum-crc32c:{checksum("CRC32C", data)}' if trailing else ''
    hashed = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' + ('-TRAILER' if trailing else '')
    fields = {'Content-Encoding': 'aws-chunked', 'x-amz-decoded-content-length': str(len(data))}
    if trailing:
        fields['x-amz-trailer'] = 'x-amz-checksum-crc32c'
    request, send = prepare(server, 'PUT', f'/{bucket}/a', b'', hashed, fields)
    sent = signed_chunks(server, request, pieces, trailer)
    assert send(sent).status == 200
    assert body_of(s3.get_object(Bucket=bucket, Key='a')) == data
    at = 8192  # in the first chunk
    changed = sent[:at] + bytes([sent[at] ^ 1]) + sent[at + 1:]
    answer = send(changed)
    assert answer.status == 403 and b'SignatureDoesNotMatch' in answer.read()
    if trailing:
        answer = send(sent.replace(b'trailer-signature:', b'trailer-signature:0')[:-3] + b'\r\n')
        assert answer.status in (400, 403)
    unsigned = chunked(data, 8192, '')
    answer = send(unsigned)
    assert answer.status == 403 and b'SignatureDoesNotMatch' in answer.read()
    assert body_of(s3.get_object(Bucket=bucket, Key='a')) == data


@pytest.mark.parametrize('size', [5 * MB, 8 * MB])
def test_multipart(s3, bucket, size):
    data = [os.urandom(size), os.urandom(5 * MB), b'tail']
    upload = s3.create_multipart_upload(Bucket=bucket, Key='m', ContentType='x/y',
                                        Metadata={'a': 'b'})['UploadId']
    named = {'Bucket': bucket, 'Key': 'm', 'UploadId': upload}
    parts = []
    for number, body in enumerate(data, 1):
        tag = s3.upload_part(PartNumber=number, Body=body, **named)['ETag']
        parts.append({'PartNumber': number, 'ETag': tag})
    s3.upload_part(PartNumber=9, Body=b'unused', **named)
    listed = s3.list_parts(**named)
    assert [one['Size'] for one in listed['Parts']] == [len(body) for body in data] + [6]
    assert [one['Key'] for one in s3.list_multipart_uploads(Bucket=bucket)['Uploads']] == ['m']
    complete = lambda parts: s3.complete_multipart_upload(  # noqa: E731
        MultipartUpload={'Parts': parts}, **named)
    for bad, code in [(parts[::-1], 'InvalidPartOrder'),
                      ([parts[0] | {'ETag': '"0"'}], 'InvalidPart'),
                      ([parts[2], {'PartNumber': 9, 'ETag': listed['Parts'][3]['ETag']}],
                       'EntityTooSmall')]:
        with pytest.raises(ClientError) as caught:
            complete(bad)
        assert caught.value.response['Error']['Code'] == code
    made = complete(parts)
    digest = hashlib.md5(b''.join(hashlib.md5(body).digest() for body in data)).hexdigest()
    assert made['ETag'] == f'"{digest}-3"'
    assert complete(parts)['ETag'] == made['ETag']  # asked again: the same answer
    answer = s3.get_object(Bucket=bucket, Key='m')
    assert body_of(answer) == b''.join(data)
    assert (answer['ContentType'], answer['Metadata']) == ('x/y', {'a': 'b'})
    part = s3.get_object(Bucket=bucket, Key='m', PartNumber=3)
    assert (body_of(part), part['PartsCount']) == (b'tail', 3)
    across = s3.get_object(Bucket=bucket, Key='m', Range=f'bytes={size - 2}-{size + 1}')
    assert body_of(across) == data[0][-2:] + data[1][:2]
    assert refused(s3.upload_part, PartNumber=1, Body=b'', **named) == ('NoSuchUpload', 404)
    aborted = s3.create_multipart_upload(Bucket=bucket, Key='m2')['UploadId']
    named2 = {'Bucket': bucket, 'Key': 'm2', 'UploadId': aborted}
    s3.upload_part(PartNumber=1, Body=b'x', **named2)
    s3.abort_multipart_upload(**named2)
    assert refused(s3.list_parts, **named2) == ('NoSuchUpload', 404)
    s3.copy_object(Bucket=bucket, Key='c', CopySource={'Bucket': bucket, 'Key': 'm'})
    whole = hashlib.md5(b''.join(data)).hexdigest()
    assert s3.head_object(Bucket=bucket, Key='c')['ETag'] == f'"{whole}"'


@pytest.mark.parametrize('algorithm, kind', [
    ('CRC32', 'COMPOSITE'), ('CRC32', 'FULL_OBJECT'), ('SHA256', 'COMPOSITE'),
    ('CRC32C', 'FULL_OBJECT')])
def test_checksums_of_multipart(s3, bucket, algorithm, kind):
    data = [b'a' * (5 * MB), b'bcd']
    named = {'Bucket': bucket, 'Key': 'm'}
    named['UploadId'] = s3.create_multipart_upload(
        ChecksumAlgorithm=algorithm, ChecksumType=kind, **named)['UploadId']
    member = f'Checksum{algorithm}'
    parts = []
    for number, body in enumerate(data, 1):
        given = {} if len(body) > MB and algorithm == 'CRC32C' else {
            member: checksum(algorithm, body)}  # that one is slow in Python: the server makes it
        answer = s3.upload_part(PartNumber=number, Body=body, **given, **named)
        parts.append({'PartNumber': number, 'ETag': answer['ETag']})
    made = s3.complete_multipart_upload(MultipartUpload={'Parts': parts}, **named)
    if kind == 'FULL_OBJECT':
        assert made[member] == checksum(algorithm, b''.join(data))
    else:
        raw = b''.join(base64.b64decode(checksum(algorithm, body)) for body in data)
        assert made[member] == checksum(algorithm, raw) + '-2'
    assert made['ChecksumType'] == kind
