"""Callers that change one thing at once: none is turned away, and none undoes another's change."""
from concurrent.futures import ThreadPoolExecutor

CALLERS = 16


def all_at_once(do) -> None:
    with ThreadPoolExecutor(CALLERS) as callers:
        for done in [callers.submit(do, number) for number in range(CALLERS)]:
            done.result()


def test_tags_of_a_repository_a_pool_a_key_and_a_workload(server, control, unique):
    ecr, cognito, kms = server.aws('ecr'), server.aws('cognito-idp'), server.aws('kms')
    arn = ecr.create_repository(repositoryName=unique('repository'))['repository']['repositoryArn']
    pool = cognito.create_user_pool(PoolName=unique('pool'))['UserPool']['Arn']
    key = kms.create_key()['KeyMetadata']['KeyId']
    workload = control.create_workload_identity(name=unique('agent'))['workloadIdentityArn']

    all_at_once(lambda n: ecr.tag_resource(
        resourceArn=arn, tags=[{'Key': f'k{n}', 'Value': str(n)}]))
    all_at_once(lambda n: cognito.tag_resource(ResourceArn=pool, Tags={f'k{n}': str(n)}))
    all_at_once(lambda n: kms.tag_resource(
        KeyId=key, Tags=[{'TagKey': f'k{n}', 'TagValue': str(n)}]))
    all_at_once(lambda n: control.tag_resource(resourceArn=workload, tags={f'k{n}': str(n)}))

    wanted = {f'k{n}': str(n) for n in range(CALLERS)}
    tags = ecr.list_tags_for_resource(resourceArn=arn)['tags']
    assert {tag['Key']: tag['Value'] for tag in tags} == wanted
    assert cognito.list_tags_for_resource(ResourceArn=pool)['Tags'] == wanted
    tags = kms.list_resource_tags(KeyId=key)['Tags']
    assert {tag['TagKey']: tag['TagValue'] for tag in tags} == wanted
    assert control.list_tags_for_resource(resourceArn=workload)['tags'] == wanted


def test_settings_of_a_bucket(server, unique):
    s3, bucket = server.aws('s3'), unique('bucket')
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key='one', Body=b'1')
    tags = [{'Key': 'team', 'Value': 'a'}]
    block = {'BlockPublicAcls': True}

    def put(number: int) -> None:
        if number % 3 == 0:
            s3.put_bucket_tagging(Bucket=bucket, Tagging={'TagSet': tags})
        elif number % 3 == 1:
            s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)
        else:
            s3.put_object_tagging(Bucket=bucket, Key='one', Tagging={'TagSet': tags})
    all_at_once(put)
    assert s3.get_bucket_tagging(Bucket=bucket)['TagSet'] == tags
    assert s3.get_public_access_block(Bucket=bucket)['PublicAccessBlockConfiguration'][
        'BlockPublicAcls'] is True
    assert s3.get_object_tagging(Bucket=bucket, Key='one')['TagSet'] == tags
