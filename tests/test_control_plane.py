"""The AgentCore control plane through boto3: every life cycle, and every refusal by its name."""
import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError
from harness.gateway import api_key, mcp_server, oauth
from harness.scripted import tool

CONTROL = 'bedrock-agentcore-control'
READ_ONLY = ('gatewayArn', 'gatewayId', 'gatewayUrl', 'createdAt', 'updatedAt', 'status',
             'statusReasons', 'workloadIdentityDetails', 'ResponseMetadata')


def refused(code: str, call, **arguments) -> dict:
    """The whole error, after its code was checked."""
    with pytest.raises(ClientError) as failed:
        call(**arguments)
    response = failed.value.response
    assert response['Error']['Code'] == code, response
    return response


def writable(gateway: dict) -> dict:
    return {name: value for name, value in gateway.items() if name not in READ_ONLY}


def test_a_gateway_has_ids_and_names_like_aws(server, pool, gateway):
    made = gateway(description='for tests', search=True)
    answer = made.made
    assert answer['ResponseMetadata']['HTTPStatusCode'] == 202
    assert re.fullmatch(rf'{made.name.lower()}-[0-9a-z]{{10}}', made.id)
    place = f'us-east-1:{server.ready["account"]}'
    assert answer['gatewayArn'] == f'arn:aws:bedrock-agentcore:{place}:gateway/{made.id}'
    assert answer['workloadIdentityDetails']['workloadIdentityArn'].endswith(
        f':workload-identity-directory/default/workload-identity/{made.id}')
    assert answer['gatewayUrl'] == f'{server.base}/gateways/{made.id}/mcp'
    read = made.control.get_gateway(gatewayIdentifier=made.id)
    assert read['status'] == 'READY' and read['description'] == 'for tests'
    assert read['createdAt'] == answer['createdAt']
    assert read['protocolConfiguration']['mcp']['searchType'] == 'SEMANTIC'
    assert (read['authorizerConfiguration']['customJWTAuthorizer']['allowedClients']
            == [pool.client_id])


def test_update_replaces_in_full(gateway, control):
    made = gateway(description='old', exceptionLevel='DEBUG', protocolConfiguration={
        'mcp': {'searchType': 'SEMANTIC', 'instructions': 'Be brief',
                'supportedVersions': ['2025-03-26']}})
    kept = writable(control.get_gateway(gatewayIdentifier=made.id))
    kept = {name: kept[name] for name in ('name', 'roleArn', 'authorizerType', 'protocolType',
                                          'authorizerConfiguration')}
    answer = control.update_gateway(gatewayIdentifier=made.id, **kept, protocolConfiguration={
        'mcp': {'supportedVersions': ['2025-06-18', '2025-11-25']}})
    assert answer['ResponseMetadata']['HTTPStatusCode'] == 202
    read = control.get_gateway(gatewayIdentifier=made.id)
    assert read['status'] == 'READY'
    assert 'description' not in read and 'exceptionLevel' not in read
    assert read['protocolConfiguration']['mcp'] == {
        'supportedVersions': ['2025-06-18', '2025-11-25']}
    assert read['updatedAt'] > read['createdAt']
    # Without protocolConfiguration, as the toolkit does.
    control.update_gateway(gatewayIdentifier=made.id, **kept)
    refused('ValidationException', control.update_gateway, gatewayIdentifier=made.id,
            **(kept | {'name': 'another-name'}))


def test_search_and_versions_may_be_changed_at_any_time(gateway, control, upstream):
    upstream.set_tools([tool('a')])
    made = gateway()
    made.add_ready('one', upstream.url)
    endpoint, kept = made.endpoint(), writable(control.get_gateway(gatewayIdentifier=made.id))

    def seen() -> tuple:
        """What the next calls see: the tools, which versions are let in, and batches, which only
        the first of them has."""
        ping = {'jsonrpc': '2.0', 'id': 1, 'method': 'ping'}
        asked = [endpoint.post(ping, **{'MCP-Protocol-Version': one})
                 for one in ('2025-03-26', '2025-06-18', '2025-11-25')] + [endpoint.post([ping])]
        return endpoint.names(), [one.status_code for one in asked]

    search, own = 'x_amz_bedrock_agentcore_search', 'one___a'
    assert seen() == ([own], [200] * 4)
    for mcp, then in (
            ({'searchType': 'SEMANTIC'}, ([search, own], [200] * 4)),
            ({'supportedVersions': ['2025-06-18', '2026-07-28']}, ([own], [400, 200, 400, 400])),
            ({'supportedVersions': [], 'searchType': 'SEMANTIC'},
             ([search, own], [200] * 4))):
        control.update_gateway(gatewayIdentifier=made.id, **kept,
                               protocolConfiguration={'mcp': mcp})
        assert seen() == then
    for versions, words in ((['1999-01-01'], 'is none of'), (['2026-07-28'], '2025-11-25 are')):
        said = refused('ValidationException', control.update_gateway, gatewayIdentifier=made.id,
                       **kept, protocolConfiguration={'mcp': {'supportedVersions': versions}})
        assert words in said['Error']['Message']
        assert said['fieldList'][0]['name'] == 'protocolConfiguration.mcp.supportedVersions'
    assert seen() == then


def test_names_are_unique_and_free_again(gateway, server, pool, control):
    made = gateway()
    again = {'name': made.name, 'roleArn': server.role, 'protocolType': 'MCP',
             **pool.authorizer()}
    refused('ConflictException', control.create_gateway, **again)
    deleted = control.delete_gateway(gatewayIdentifier=made.id)
    assert deleted['gatewayId'] == made.id and deleted['status'] == 'DELETING'
    refused('ResourceNotFoundException', control.get_gateway, gatewayIdentifier=made.id)
    control.create_gateway(**again)


def test_a_gateway_with_targets_is_not_deleted(gateway, control, upstream):
    upstream.set_tools([tool('a')])
    made = gateway()
    target = made.add_ready('one', upstream.url)
    said = refused('ValidationException', control.delete_gateway, gatewayIdentifier=made.id)
    text = said['Error']['Message']
    assert f'Gateway {made.id} has targets associated with it' in text
    assert 'Delete all targets before deleting the gateway' in text
    assert (f'delete-gateway-target --gateway-identifier {made.id} '
            f'--target-id {target["targetId"]}') in text
    control.delete_gateway_target(gatewayIdentifier=made.id, targetId=target['targetId'])
    control.delete_gateway(gatewayIdentifier=made.id)


@pytest.mark.parametrize('change, field', [
    ({'name': 'no_underscores'}, 'name'),
    ({'name': 'x' * 60}, 'name'),
    ({'roleArn': 'not-an-arn'}, 'roleArn'),
    ({'authorizerType': 'MAGIC'}, 'authorizerType'),
    ({'description': 'x' * 300}, 'description'),
    ({'protocolConfiguration': {'mcp': {'searchType': 'BEST'}}},
     'protocolConfiguration.mcp.searchType'),
    ({'protocolConfiguration': {'mcp': {'instructions': 'x' * 3000}}},
     'protocolConfiguration.mcp.instructions'),
    ({'tags': {f'k{i}': 'v' for i in range(51)}}, 'tags'),
])
def test_every_constraint_of_the_contract_is_checked(server, pool, control, unique, change, field):
    wanted = {'name': unique('invalid'), 'roleArn': server.role, 'protocolType': 'MCP',
              **pool.authorizer()} | change
    said = refused('ValidationException', control.create_gateway, **wanted)
    assert said['ResponseMetadata']['HTTPStatusCode'] == 400
    assert said['reason'] == 'FieldValidationFailed'
    assert field in [entry['name'] for entry in said['fieldList']], said['fieldList']


def test_a_missing_member_is_named(server, requests_signed):
    answer = requests_signed('POST', '/gateways/', {'name': 'x'})
    assert answer.status_code == 400
    assert answer.headers['x-amzn-errortype'].startswith('ValidationException')
    assert answer.headers['x-amzn-requestid']
    names = {entry['name'] for entry in answer.json()['fieldList']}
    assert {'roleArn', 'authorizerType'} <= names


def test_trailing_slash_or_not(gateway, requests_signed):
    made = gateway()
    for path in ('/gateways', '/gateways/', f'/gateways/{made.id}', f'/gateways/{made.id}/',
                 f'/gateways/{made.id}/targets', f'/gateways/{made.id}/targets/'):
        assert requests_signed('GET', path).status_code == 200, path


def test_timestamps_have_the_format_of_their_shape(gateway, requests_signed, control, unique):
    made = gateway()
    read = requests_signed('GET', f'/gateways/{made.id}/').json()
    assert re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z', read['createdAt'])
    name = unique('key')
    control.create_api_key_credential_provider(name=name, apiKey='secret')
    read = requests_signed('POST', '/identities/GetApiKeyCredentialProvider',
                           {'name': name}).json()
    assert isinstance(read['createdTime'], (int, float))


def test_what_is_not_served_says_so_by_name(control, server, requests_signed):
    said = refused('UnknownOperationException', control.list_policy_engines)
    assert 'ListPolicyEngines' in said['Error']['Message']
    said = refused('UnknownOperationException', server.aws('cognito-idp').list_groups,
                   UserPoolId='us-east-1_abcdefghi')
    assert 'ListGroups' in said['Error']['Message']
    assert requests_signed('GET', '/no/such/path').status_code == 404


def test_unsigned_calls_are_refused(server):
    import requests
    answer = requests.get(f'{server.base}/gateways/', timeout=5)
    assert answer.status_code in (401, 403, 404)
    answer = requests.post(f'{server.base}/', timeout=5, data=b'{"MaxResults":1}', headers={
        'X-Amz-Target': 'AWSCognitoIdentityProviderService.ListUserPools',
        'Content-Type': 'application/x-amz-json-1.1'})
    assert answer.status_code in (400, 403)
    assert 'MissingAuthenticationToken' in answer.text


def test_a_client_token_makes_one_gateway(server, pool, control, unique):
    wanted = {'name': unique('idempotent'), 'roleArn': server.role, 'protocolType': 'MCP',
              **pool.authorizer(), 'clientToken': f'{unique("token")}-{"x" * 40}'}
    with ThreadPoolExecutor(8) as at_once:
        made = list(at_once.map(lambda _: control.create_gateway(**wanted), range(8)))
    for answer in (*made, control.create_gateway(**wanted)):
        del answer['ResponseMetadata']
        assert answer == made[0]
    said = refused('ValidationException', control.create_gateway,
                   **(wanted | {'name': unique('other')}))
    assert said['reason'] == 'IdempotentParameterMismatchException'


def test_a_client_token_makes_one_target_and_tells_how_it_stands(gateway, control, upstream,
                                                                 unique):
    upstream.set_tools([tool('a')])
    made = gateway()
    wanted = {'gatewayIdentifier': made.id, 'name': 'one', 'clientToken': unique('t') + 'x' * 40,
              'targetConfiguration': mcp_server(upstream.url)}
    first, second = (control.create_gateway_target(**wanted) for _ in range(2))
    for answer in first, second:
        del answer['ResponseMetadata']
    assert first == second and first['status'] == 'READY' and 'lastSynchronizedAt' in first
    said = refused('ValidationException', control.create_gateway_target,
                   **(wanted | {'name': 'two'}))
    assert said['reason'] == 'IdempotentParameterMismatchException'
    # A call that was refused leaves its token to the next one.
    fresh = wanted | {'clientToken': unique('t') + 'y' * 40}
    refused('ConflictException', control.create_gateway_target, **fresh)
    assert control.create_gateway_target(**(fresh | {'name': 'two'}))['status'] == 'READY'


def test_pages_survive_inserts(server, pool, control, unique):
    made = {control.create_gateway(name=unique('paged'), roleArn=server.role, protocolType='MCP',
                                   **pool.authorizer())['gatewayId'] for _ in range(7)}
    found, more = [], {}
    while True:
        page = control.list_gateways(maxResults=3, **more)
        assert len(page['items']) <= 3
        found += [item['gatewayId'] for item in page['items']]
        if 'nextToken' not in page:
            break
        more = {'nextToken': page['nextToken']}
        control.create_gateway(name=unique('inserted'), roleArn=server.role, protocolType='MCP',
                               **pool.authorizer())
        if len(found) > 500:
            pytest.fail('pages without end')
    assert made <= set(found)
    assert len(found) == len(set(found))
    refused('ValidationException', control.list_gateways, nextToken='not-one-of-ours')


def test_a_target_lives_and_dies(gateway, control, upstream, unique):
    upstream.set_tools([tool('a')])
    made = gateway()
    target = made.add_ready('one', upstream.url)
    assert re.fullmatch(r'[0-9a-zA-Z]{10}', target['targetId'])
    assert target['gatewayArn'] == made.made['gatewayArn']
    assert target['lastSynchronizedAt'] >= target['createdAt']
    refused('ConflictException', control.create_gateway_target, gatewayIdentifier=made.id,
            name='one', targetConfiguration=mcp_server(upstream.url))
    updated = control.update_gateway_target(
        gatewayIdentifier=made.id, targetId=target['targetId'], name='renamed',
        targetConfiguration=mcp_server(upstream.url), description='now renamed')
    assert updated['ResponseMetadata']['HTTPStatusCode'] == 202
    assert made.endpoint().names() == ['renamed___a']
    listed = control.list_gateway_targets(gatewayIdentifier=made.id)['items']
    assert [(item['name'], item['status']) for item in listed] == [('renamed', 'READY')]
    deleted = control.delete_gateway_target(gatewayIdentifier=made.id,
                                            targetId=target['targetId'])
    assert deleted['status'] == 'DELETING'
    assert made.endpoint().names() == []
    refused('ResourceNotFoundException', control.get_gateway_target, gatewayIdentifier=made.id,
            targetId=target['targetId'])


def test_a_target_of_nowhere_is_refused(control, gateway, upstream):
    refused('ResourceNotFoundException', control.create_gateway_target,
            gatewayIdentifier='nowhere-0123456789', name='x',
            targetConfiguration=mcp_server(upstream.url))
    made = gateway()
    provider = 'arn:aws:bedrock-agentcore:us-east-1:123456789012:token-vault/default/' \
               'oauth2credentialprovider/nothing'
    said = refused('ValidationException', control.create_gateway_target,
                   gatewayIdentifier=made.id, name='x',
                   targetConfiguration=mcp_server(upstream.url),
                   credentialProviderConfigurations=[oauth(provider, 's')])
    assert "'nothing'" in said['Error']['Message']
    assert upstream.received == []


def test_credential_providers_keep_their_secrets(control, pool, unique):
    name = unique('oauth')
    arn = pool.provider(name)
    assert arn.endswith(f':token-vault/default/oauth2credentialprovider/{name}')
    read = control.get_oauth2_credential_provider(name=name)
    assert read['credentialProviderVendor'] == 'CustomOauth2'
    assert read['clientSecretArn']['secretArn'].startswith('arn:aws:secretsmanager:')
    output = read['oauth2ProviderConfigOutput']['customOauth2ProviderConfig']
    assert output['clientId'] == pool.client_id
    assert output['oauthDiscovery']['discoveryUrl'] == pool.discovery
    assert pool.secret not in json.dumps(read, default=str)
    listed = control.list_oauth2_credential_providers()['credentialProviders']
    assert name in [item['name'] for item in listed]
    control.delete_oauth2_credential_provider(name=name)
    refused('ResourceNotFoundException', control.get_oauth2_credential_provider, name=name)


@pytest.mark.parametrize('vendor, member', [
    ('GoogleOauth2', 'googleOauth2ProviderConfig'), ('GithubOauth2', 'githubOauth2ProviderConfig'),
    ('SlackOauth2', 'slackOauth2ProviderConfig'),
    ('SalesforceOauth2', 'salesforceOauth2ProviderConfig'),
    ('MicrosoftOauth2', 'microsoftOauth2ProviderConfig'),
    ('AtlassianOauth2', 'atlassianOauth2ProviderConfig'),
    ('LinkedinOauth2', 'linkedinOauth2ProviderConfig'),
])
def test_known_vendors_have_known_endpoints(control, unique, vendor, member):
    made = control.create_oauth2_credential_provider(
        name=unique('vendor'), credentialProviderVendor=vendor,
        oauth2ProviderConfigInput={member: {'clientId': 'me', 'clientSecret': 'secret'}})
    output = made['oauth2ProviderConfigOutput'][member]
    assert output['clientId'] == 'me'
    assert 'https://' in json.dumps(output['oauthDiscovery'])


def test_explicit_metadata_instead_of_discovery(control, unique):
    made = control.create_oauth2_credential_provider(
        name=unique('explicit'), credentialProviderVendor='CustomOauth2',
        oauth2ProviderConfigInput={'customOauth2ProviderConfig': {
            'clientId': 'me', 'clientSecret': 'secret', 'oauthDiscovery': {
                'authorizationServerMetadata': {
                    'issuer': 'https://issuer.example', 'responseTypes': ['token'],
                    'authorizationEndpoint': 'https://issuer.example/authorize',
                    'tokenEndpoint': 'https://issuer.example/token'}}}})
    output = made['oauth2ProviderConfigOutput']['customOauth2ProviderConfig']
    metadata = output['oauthDiscovery']['authorizationServerMetadata']
    assert metadata['tokenEndpoint'] == 'https://issuer.example/token'


def test_an_api_key_reaches_the_target(control, gateway, upstream, unique):
    upstream.set_tools([tool('a')])
    arn = control.create_api_key_credential_provider(
        name=unique('key'), apiKey='k-123')['credentialProviderArn']
    made = gateway()
    made.add_ready('header', upstream.url,
                   api_key(arn, credentialLocation='HEADER', credentialParameterName='X-Key'))
    made.endpoint().text('header___a')
    assert all(headers.get('X-Key') == 'k-123' for headers, _ in upstream.received)


def test_workload_identities(control, unique):
    name = unique('workload')
    control.create_workload_identity(name=name,
                                     allowedResourceOauth2ReturnUrls=['https://x.example/cb'])
    read = control.get_workload_identity(name=name)
    assert read['allowedResourceOauth2ReturnUrls'] == ['https://x.example/cb']
    assert name in [one['name'] for one in
                    control.list_workload_identities()['workloadIdentities']]
    control.update_workload_identity(name=name, allowedResourceOauth2ReturnUrls=[])
    control.delete_workload_identity(name=name)
    refused('ResourceNotFoundException', control.get_workload_identity, name=name)
    assert control.get_token_vault()['tokenVaultId'] == 'default'


def test_tags_and_resource_policies(gateway, control):
    arn = gateway(tags={'team': 'a'}).made['gatewayArn']
    assert control.list_tags_for_resource(resourceArn=arn)['tags'] == {'team': 'a'}
    control.tag_resource(resourceArn=arn, tags={'stage': 'test'})
    control.untag_resource(resourceArn=arn, tagKeys=['team'])
    assert control.list_tags_for_resource(resourceArn=arn)['tags'] == {'stage': 'test'}
    policy = json.dumps({'Version': '2012-10-17', 'Statement': [{
        'Effect': 'Allow', 'Principal': '*', 'Action': 'bedrock-agentcore:InvokeGateway',
        'Resource': arn}]})
    control.put_resource_policy(resourceArn=arn, policy=policy)
    assert json.loads(control.get_resource_policy(resourceArn=arn)['policy']) == json.loads(policy)
    control.delete_resource_policy(resourceArn=arn)
    refused('ResourceNotFoundException', control.list_tags_for_resource,
            resourceArn=arn.replace('gateway/', 'gateway/no'))


def test_quotas_are_enforced(control, gateway, pool, unique):
    """50 credential providers of a kind, AWS's standing quota."""
    made = []
    with pytest.raises(ClientError) as failed:
        for _ in range(60):
            name = unique('quota')
            control.create_api_key_credential_provider(name=name, apiKey='k')
            made.append(name)
    response = failed.value.response
    assert response['Error']['Code'] == 'ServiceQuotaExceededException'
    assert response['ResponseMetadata']['HTTPStatusCode'] == 402
    assert '50' in response['Error']['Message']
    for name in made:
        control.delete_api_key_credential_provider(name=name)
