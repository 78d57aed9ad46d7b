"""One life of a bucket, by whichever boto3 runs this: prints its version when all went well.

    s3_calls.py ENDPOINT REGION BUCKET
"""
import io
import os
import sys

import boto3
from boto3.s3.transfer import TransferConfig

endpoint, region, bucket = sys.argv[1:]
s3 = boto3.client('s3', endpoint_url=endpoint, region_name=region)
s3.create_bucket(Bucket=bucket)
try:
    s3.put_object(Bucket=bucket, Key='small', Body=b'text')
    got = s3.get_object(Bucket=bucket, Key='small')
    assert got['Body'].read() == b'text'
    assert got['ChecksumCRC32']  # the default of these versions, sent and given back
    large = os.urandom(12_000_000)
    config = TransferConfig(multipart_threshold=5_242_880, multipart_chunksize=5_242_880)
    s3.upload_fileobj(io.BytesIO(large), bucket, 'large', Config=config)
    back = io.BytesIO()
    s3.download_fileobj(bucket, 'large', back, Config=config)
    assert back.getvalue() == large
    assert s3.head_object(Bucket=bucket, Key='large')['ETag'].endswith('-3"')
    s3.copy({'Bucket': bucket, 'Key': 'large'}, bucket, 'copy', Config=config)
    names = [one['Key'] for one in s3.list_objects_v2(Bucket=bucket)['Contents']]
    assert names == ['copy', 'large', 'small'], names
finally:
    boto3.resource('s3', endpoint_url=endpoint, region_name=region).Bucket(bucket).objects.delete()
    s3.delete_bucket(Bucket=bucket)
print(boto3.__version__)
