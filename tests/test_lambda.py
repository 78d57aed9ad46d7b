"""AWS Lambda's own API with boto3 and the AWS CLI: functions, versions, aliases, policies."""
import base64
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import botocore.exceptions
import pytest
from harness.functions import Function, role_of, zipped
from harness.hosting import refused

ECHO = '''
def handler(event, context):
    return event
'''


@pytest.fixture
def function(server, unique):
    made = []

    def make(source: str | dict = ECHO, **more) -> Function:
        made.append(Function(server, unique('function'), source, **more))
        return made[-1]

    yield make
    for one in made:
        try:
            one.client.delete_function(FunctionName=one.name)
        except one.client.exceptions.ResourceNotFoundException:
            pass


@pytest.fixture(scope='module')
def client(server):
    return server.aws('lambda')


def test_a_new_function_is_shown_as_lambda_shows_it(function, client):
    one = function(Description='first', Timeout=7, MemorySize=256, Tags={'team': 'a'},
                   Environment={'Variables': {'COLOUR': 'blue'}})
    made = one.made
    code = zipped(app__py=ECHO)
    assert made['ResponseMetadata']['HTTPStatusCode'] == 201
    assert made['FunctionArn'].endswith(f':function:{one.name}')
    assert made['CodeSize'] > 100 and len(base64.b64decode(made['CodeSha256'])) == 32
    assert len(code) == made['CodeSize']
    assert (made['Version'], made['State'], made['PackageType']) == ('$LATEST', 'Active', 'Zip')
    assert made['Environment'] == {'Variables': {'COLOUR': 'blue'}}
    client.get_waiter('function_active_v2').wait(FunctionName=one.name)
    client.get_waiter('function_updated_v2').wait(FunctionName=one.name)
    got = client.get_function(FunctionName=one.arn)
    assert got['Tags'] == {'team': 'a'} and got['Code']['RepositoryType'] == 'S3'
    assert got['Configuration']['Timeout'] == 7 and got['Configuration']['MemorySize'] == 256
    settings = client.get_function_configuration(FunctionName=f'{made["FunctionArn"]}:$LATEST')
    assert settings['FunctionArn'].endswith(':$LATEST')
    names = [each['FunctionName'] for page in client.get_paginator('list_functions').paginate(
        PaginationConfig={'PageSize': 2}) for each in page['Functions']]
    assert names.count(one.name) == 1


def test_the_hash_is_of_the_archive(function):
    code = zipped(app__py=ECHO)
    one = function(Code={'ZipFile': code})
    assert base64.b64decode(one.made['CodeSha256']) == hashlib.sha256(code).digest()


def test_what_is_wrong_is_refused_in_lambdas_words(function, client, server, unique):
    one = function()
    arguments = {'FunctionName': one.name, 'Runtime': 'python3.11', 'Handler': 'app.handler',
                 'Role': role_of(server), 'Code': {'ZipFile': zipped(app__py=ECHO)}}
    with refused('ResourceConflictException') as refusal:
        client.create_function(**arguments)
    assert refusal.value.response['Error']['Message'] == f'Function already exist: {one.name}'
    arguments['FunctionName'] = unique('function')
    cannot = 'The role defined for the function cannot be assumed by Lambda.'
    others = role_of(server, 'not-for-lambda', {'Version': '2012-10-17', 'Statement': [{
        'Effect': 'Allow', 'Principal': {'Service': 'ec2.amazonaws.com'},
        'Action': 'sts:AssumeRole'}]})
    for role in (others, f'arn:aws:iam::{server.ready["account"]}:role/nobody'):
        with refused('InvalidParameterValueException') as refusal:
            client.create_function(**arguments | {'Role': role})
        assert refusal.value.response['Error']['Message'] == cannot
    for wrong in ({'Code': {'ZipFile': b'this is no archive'}}, {'Runtime': 'java21'},
                  {'Layers': ['arn:aws:lambda:us-east-1:123456789012:layer:x:1']},
                  {'VpcConfig': {'SubnetIds': ['subnet-1'], 'SecurityGroupIds': ['sg-1']}},
                  {'Timeout': 901}, {'Code': {'S3Bucket': 'no-such-bucket', 'S3Key': 'x.zip'}},
                  {'Environment': {'Variables': {'AWS_REGION': 'x'}}},
                  {'Environment': {'Variables': {'LONG': 'x' * 4100}}},
                  {'SnapStart': {'ApplyOn': 'PublishedVersions'}},
                  {'DeadLetterConfig': {'TargetArn': 'arn:aws:sqs:us-east-1:123456789012:q'}}):
        with refused('InvalidParameterValueException') as refusal:
            client.create_function(**arguments | wrong)
        if 'Layers' in wrong:
            assert 'Layers' in refusal.value.response['Error']['Message']
    with refused('ValidationException') as refusal:
        client.create_function(**arguments, Environment={'Variables': {'GOOD': 'secret',
                                                                       'NOT-A-NAME': 'secret'}})
    said = refusal.value.response['Error']['Message']
    assert 'Environment.Variables.NOT-A-NAME' in said and 'secret' not in said
    with refused('ResourceNotFoundException') as refusal:
        client.invoke(FunctionName=arguments['FunctionName'])
    assert refusal.value.response['Error']['Message'].startswith('Function not found: arn:aws:')
    # What is empty or has no effect here is no reason to refuse.
    client.create_function(**arguments, VpcConfig={'SubnetIds': [], 'SecurityGroupIds': []},
                           TracingConfig={'Mode': 'Active'}, Architectures=['arm64'],
                           EphemeralStorage={'Size': 1024})
    client.delete_function(FunctionName=arguments['FunctionName'])


def test_names_may_be_arns_and_parts_of_them(function, client, server):
    one = function()
    client.publish_version(FunctionName=one.name)
    account = server.ready['account']
    for name in (one.name, one.arn, f'{account}:function:{one.name}', f'function:{one.name}'):
        got = client.get_function_configuration(FunctionName=name)
        assert got['FunctionArn'] == one.arn
        got = client.get_function_configuration(FunctionName=name, Qualifier='1')
        assert (got['FunctionArn'], got['Version']) == (f'{one.arn}:1', '1')
    assert client.invoke(FunctionName=f'{one.arn}:1', Payload='3')['Payload'].read() == b'3'
    with refused('InvalidParameterValueException'):
        client.invoke(FunctionName=f'{one.name}:1', Qualifier='2')
    with refused('ResourceNotFoundException'):
        client.invoke(FunctionName=one.arn.replace('us-east-1', 'eu-west-1'))


def test_code_comes_from_s3_too(function, client, server, unique):
    s3 = server.aws('s3')
    bucket = unique('code-bucket')
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key='a b/code.zip', Body=zipped(app__py=ECHO))
    one = function(Code={'S3Bucket': bucket, 'S3Key': 'a b/code.zip'})
    assert one({'a': [1, 2.5, 'é']}) == {'a': [1, 2.5, 'é']}
    s3.put_object(Bucket=bucket, Key='two.zip',
                  Body=zipped(app__py='def handler(event, context): return 2'))
    client.update_function_code(FunctionName=one.name, S3Bucket=bucket, S3Key='two.zip')
    assert one() == 2


def test_new_code_and_settings_are_seen_by_the_next_call(function, client):
    one = function('import os\ndef handler(e, c): return [1, os.environ.get("WORD"), c.'
                   'memory_limit_in_mb]')
    assert one() == [1, None, '128']
    changed = one.update(app__py='import os\ndef handler(e, c): return [2, os.environ.get("WORD"),'
                                 ' c.memory_limit_in_mb]')
    assert changed['CodeSha256'] != one.made['CodeSha256']
    assert one() == [2, None, '128']
    client.update_function_configuration(FunctionName=one.name, MemorySize=192,
                                         Environment={'Variables': {'WORD': 'blue'}})
    assert one() == [2, 'blue', '192']
    with refused('PreconditionFailedException'):
        client.update_function_configuration(FunctionName=one.name, RevisionId='other', Timeout=9)
    dry = client.update_function_code(FunctionName=one.name, DryRun=True,
                                      ZipFile=zipped(app__py=ECHO))
    assert dry['CodeSha256'] != changed['CodeSha256'] and one()[0] == 2


def test_versions_and_aliases_stay_as_they_were(function, client):
    one = function('def handler(e, c): return [1, c.function_version, c.invoked_function_arn]')
    first = client.publish_version(FunctionName=one.name, Description='the first')
    assert (first['Version'], first['Description']) == ('1', 'the first')
    assert client.publish_version(FunctionName=one.name)['Version'] == '1'  # nothing has changed
    one.update(app__py='def handler(e, c): return [2, c.function_version, c.invoked_function_arn]')
    second = client.update_function_code(
        FunctionName=one.name, Publish=True,
        ZipFile=zipped(app__py='def handler(e, c): return [3, c.function_version,'
                               ' c.invoked_function_arn]'))
    assert second['Version'] == '2'
    assert one(Qualifier='1') == [1, '1', f'{one.arn}:1']
    assert one() == [3, '$LATEST', one.arn]
    alias = client.create_alias(FunctionName=one.name, Name='prod', FunctionVersion='1')
    assert alias['AliasArn'] == f'{one.arn}:prod'
    answer = one.invoke(Qualifier='prod')
    assert answer['ExecutedVersion'] == '1'
    assert json.loads(answer['Payload']) == [1, '1', f'{one.arn}:prod']
    with refused('ResourceConflictException'):
        client.create_alias(FunctionName=one.name, Name='prod', FunctionVersion='1')
    with refused('ResourceConflictException'):
        client.delete_function(FunctionName=one.name, Qualifier='1')
    client.update_alias(FunctionName=one.name, Name='prod', FunctionVersion='2')
    assert one(Qualifier='prod')[0] == 3
    client.update_alias(FunctionName=one.name, Name='prod', RoutingConfig={
        'AdditionalVersionWeights': {'1': 0.5}})
    assert {one(Qualifier='prod')[0] for _ in range(40)} == {1, 3}
    client.update_alias(FunctionName=one.name, Name='prod', RoutingConfig={})
    listed = client.list_versions_by_function(FunctionName=one.name)['Versions']
    assert [each['Version'] for each in listed] == ['$LATEST', '1', '2']
    assert [each['Name'] for each in client.list_aliases(FunctionName=one.name)['Aliases']] == [
        'prod']
    client.delete_function(FunctionName=one.name, Qualifier='1')
    with refused('ResourceNotFoundException'):
        one.invoke(Qualifier='1')
    client.delete_alias(FunctionName=one.name, Name='prod')
    with refused('ResourceNotFoundException'):
        client.get_alias(FunctionName=one.name, Name='prod')
    assert one()[0] == 3


def test_a_deleted_function_is_gone_with_all_that_is_its(function, client):
    one = function()
    client.publish_version(FunctionName=one.name)
    client.create_alias(FunctionName=one.name, Name='live', FunctionVersion='1')
    client.add_permission(FunctionName=one.name, StatementId='a', Action='lambda:InvokeFunction',
                          Principal='123456789012')
    client.delete_function(FunctionName=one.name)
    for call, more in ((client.get_function, {}), (client.get_policy, {}),
                       (client.get_function, {'Qualifier': '1'}),
                       (client.get_alias, {'Name': 'live'}), (client.invoke, {})):
        with refused('ResourceNotFoundException'):
            call(FunctionName=one.name, **more)
    again = Function(one.server, one.name, 'def handler(e, c): return "anew"')
    assert again() == 'anew'
    with refused('ResourceNotFoundException'):
        client.get_policy(FunctionName=one.name)


def test_no_function_is_signed(function, client):
    """Terraform asks whenever it reads a function."""
    name = function().name
    signing = client.get_function_code_signing_config(FunctionName=name)
    assert (signing['FunctionName'], signing.get('CodeSigningConfigArn')) == (name, None)


def test_tags_and_concurrency(function, client):
    one = function(Tags={'a': '1'})
    client.tag_resource(Resource=one.arn, Tags={'b': '2'})
    client.untag_resource(Resource=one.arn, TagKeys=['a'])
    assert client.list_tags(Resource=one.arn)['Tags'] == {'b': '2'}
    client.put_function_concurrency(FunctionName=one.name, ReservedConcurrentExecutions=0)
    with refused('TooManyRequestsException') as refusal:
        one.invoke()
    assert refusal.value.response['ResponseMetadata']['HTTPStatusCode'] == 429
    assert client.get_function(FunctionName=one.name)['Concurrency'] == {
        'ReservedConcurrentExecutions': 0}
    client.delete_function_concurrency(FunctionName=one.name)
    assert 'ReservedConcurrentExecutions' not in client.get_function_concurrency(
        FunctionName=one.name)
    assert one(5) == 5


def caller_of(server, name: str):
    """A role without permissions, and a Lambda client as it."""
    trust = {'Version': '2012-10-17', 'Statement': [{
        'Effect': 'Allow', 'Action': 'sts:AssumeRole',
        'Principal': {'AWS': f'arn:aws:iam::{server.ready["account"]}:root'}}]}
    arn = role_of(server, name, trust)
    given = server.aws('sts').assume_role(RoleArn=arn, RoleSessionName='test')['Credentials']
    return arn, server.aws('lambda', aws_access_key_id=given['AccessKeyId'],
                           aws_secret_access_key=given['SecretAccessKey'],
                           aws_session_token=given['SessionToken'])


def test_a_functions_own_policy_lets_others_call_it(function, client, server, unique):
    one = function()
    arn, other = caller_of(server, unique('caller'))
    with refused('AccessDeniedException'):
        other.invoke(FunctionName=one.name)
    added = client.add_permission(FunctionName=one.name, StatementId='AllowCaller', Principal=arn,
                                  Action='lambda:InvokeFunction')
    statement = json.loads(added['Statement'])
    assert statement == {'Sid': 'AllowCaller', 'Effect': 'Allow', 'Principal': {'AWS': arn},
                         'Action': 'lambda:InvokeFunction', 'Resource': one.arn}
    for name in (one.name, one.arn, f'function:{one.name}'):
        answer = other.invoke(FunctionName=name, Payload='1')
        assert answer['Payload'].read() == b'1'
    with refused('AccessDeniedException'):
        other.get_function(FunctionName=one.name)
    client.publish_version(FunctionName=one.name)
    with refused('AccessDeniedException'):  # a version has a policy of its own
        other.invoke(FunctionName=f'{one.name}:1')
    client.add_permission(FunctionName=one.name, Qualifier='1', StatementId='v', Principal=arn,
                          Action='lambda:*')
    assert other.invoke(FunctionName=one.name, Qualifier='1', Payload='2')['Payload'].read() == b'2'
    policy = json.loads(client.get_policy(FunctionName=one.name)['Policy'])
    assert [each['Sid'] for each in policy['Statement']] == ['AllowCaller']
    with refused('ResourceConflictException'):
        client.add_permission(FunctionName=one.name, StatementId='AllowCaller', Principal=arn,
                              Action='lambda:InvokeFunction')
    for nobody in (arn + 'x', 'nonsense'):
        with refused('InvalidParameterValueException'):
            client.add_permission(FunctionName=one.name, StatementId='b', Principal=nobody,
                                  Action='lambda:InvokeFunction')
    client.remove_permission(FunctionName=one.name, StatementId='AllowCaller')
    with refused('AccessDeniedException'):
        other.invoke(FunctionName=one.name)
    with refused('ResourceNotFoundException'):
        client.get_policy(FunctionName=one.name)
    with refused('ResourceNotFoundException'):
        client.remove_permission(FunctionName=one.name, StatementId='AllowCaller')


def test_archives_of_others_are_not_read_for_a_caller(client, server, unique):
    bucket = unique('private-bucket')
    s3 = server.aws('s3')
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key='code.zip', Body=zipped(app__py=ECHO))
    name = unique('maker')
    _, other = caller_of(server, name)
    server.aws('iam').put_role_policy(RoleName=name, PolicyName='p', PolicyDocument=json.dumps({
        'Version': '2012-10-17', 'Statement': [{
            'Effect': 'Allow', 'Action': ['lambda:*', 'iam:PassRole'], 'Resource': '*'}]}))
    arguments = {'FunctionName': unique('function'), 'Runtime': 'python3.11',
                 'Handler': 'app.handler', 'Role': role_of(server)}
    with refused('AccessDeniedException'):
        other.create_function(**arguments, Code={'S3Bucket': bucket, 'S3Key': 'code.zip'})
    other.create_function(**arguments, Code={'ZipFile': zipped(app__py=ECHO)})


def test_archives_that_would_leave_their_folder_are_refused(client, server, unique):
    import io
    import zipfile
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, 'w', zipfile.ZIP_DEFLATED) as archive:
        archive.writestr('../../evil.py', 'x')
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, 'w', zipfile.ZIP_DEFLATED) as archive:
        with archive.open('zeros', 'w', force_zip64=True) as out:
            for _ in range(270):
                out.write(bytes(1_000_000))
    for data in (buffer.getvalue(), bomb.getvalue()):
        with refused('InvalidParameterValueException'):
            client.create_function(FunctionName=unique('function'), Runtime='python3.11',
                                   Handler='app.handler', Role=role_of(server),
                                   Code={'ZipFile': data})


def test_a_large_archive_fits_in_a_request(function):
    one = function({'app__py': 'import os\ndef handler(e, c):\n    return os.path.getsize('
                               'os.environ["LAMBDA_TASK_ROOT"] + "/big")',
                    'big': os.urandom(20_000_000)})
    assert one() == 20_000_000


def test_calls_are_checked_before_they_run(function, client):
    one = function()
    with refused('InvalidRequestContentException'):
        client.invoke(FunctionName=one.name, Payload=b'{"a": ')
    with refused('InvalidRequestContentException'):
        client.invoke(FunctionName=one.name, ClientContext=base64.b64encode(b'[').decode())
    with refused('RequestTooLargeException') as refusal:
        client.invoke(FunctionName=one.name, Payload=json.dumps('x' * 6_291_456))
    assert refusal.value.response['ResponseMetadata']['HTTPStatusCode'] == 413
    with refused('RequestTooLargeException'):
        client.invoke(FunctionName=one.name, InvocationType='Event',
                      Payload=json.dumps('x' * 1_100_000))
    assert len(one('x' * 6_000_000)) == 6_000_000
    dry = client.invoke(FunctionName=one.name, InvocationType='DryRun')
    assert dry['StatusCode'] == 204
    assert client.invoke(FunctionName=one.name)['Payload'].read() == b'{}'


def test_functions_survive_the_servers_death(own_server):
    server = own_server()
    one = Function(server, 'kept', 'def handler(e, c): return ["kept", e]')
    one.client.publish_version(FunctionName='kept')
    assert one(1) == ['kept', 1]
    server.kill()
    for tree in (server.data / 'functions/code').iterdir():  # it is only a copy of the archive
        if tree.is_dir():
            subprocess.run(['rm', '-rf', tree], check=True)
    server.start()
    client = server.aws('lambda')
    for qualifier in ({}, {'Qualifier': '1'}):
        answer = client.invoke(FunctionName='kept', Payload='2', **qualifier)
        assert json.loads(answer['Payload'].read()) == ['kept', 2]


def test_the_aws_cli_makes_and_calls_a_function(server, unique, tmp_path):
    aws = Path(sys.executable).parent / 'aws'
    name = unique('function')
    (tmp_path / 'code.zip').write_bytes(zipped(app__py=ECHO))
    environment = {key: value for key, value in os.environ.items()
                   if not key.startswith('AWS_')} | server.environment()

    def run(*words: str) -> dict:
        done = subprocess.run([aws, 'lambda', *words], env=environment, text=True,
                              capture_output=True, timeout=60, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout or 'null')

    run('create-function', '--function-name', name, '--runtime', 'python3.11', '--handler',
        'app.handler', '--role', role_of(server), '--zip-file', 'fileb://code.zip')
    (tmp_path / 'event.json').write_text('{"a": 1}')
    told = run('invoke', '--function-name', name, '--payload', 'file://event.json', '--log-type',
               'Tail', 'answer.json')
    assert told['StatusCode'] == 200 and told['ExecutedVersion'] == '$LATEST'
    assert 'REPORT RequestId:' in base64.b64decode(told['LogResult']).decode()
    assert json.loads((tmp_path / 'answer.json').read_text()) == {'a': 1}
    run('delete-function', '--function-name', name)


def test_what_is_not_served_says_so(client):
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        client.list_layers()
    assert raised.value.response['Error']['Code'] == 'UnknownOperationException'
