"""The roles that the starter toolkit makes for runtimes and builds: they suffice as they are, and
without a statement the step that needs it fails and names the permission."""
import json
import re
import subprocess

import pytest
from botocore.exceptions import ClientError
from harness.hosting import DOCKERFILE, archive, build
from harness.server import BINARY, ROOT

# Printed by the toolkit itself: the runtime's statements; the build's role is made in the server.
MAKE = '''
import boto3, json, logging, time
time.sleep = lambda seconds: None  # where AWS's roles spread
from bedrock_agentcore_starter_toolkit.operations.runtime.create_role import \
get_or_create_codebuild_execution_role as make
from bedrock_agentcore_starter_toolkit.utils.runtime import policy_template as template
account, region = boto3.client('sts').get_caller_identity()['Account'], 'us-east-1'
repository = f'arn:aws:ecr:{region}:{account}:repository/agent'
make(boto3.Session(region_name=region), logging.getLogger(), region, account, 'agent', repository,
     'sources')
more = {'deployment_type': 'container'} if MORE else {}
print(json.dumps([template.render_execution_policy_template(region, account, 'agent', **more),
                  template.render_trust_policy_template(region, account)]))
'''


class Roles:
    def __init__(self, server, toolkit: str) -> None:
        self.server, self.iam = server, server.aws('iam')
        done = subprocess.run(
            [BINARY, 'run', '--data-dir', server.data, '--',
             ROOT / '.venv' / toolkit / 'bin/python', '-c',
             f'MORE = {toolkit == "toolkit"}\n' + MAKE],
            text=True, capture_output=True, check=False, env=server._own_environment())
        assert done.returncode == 0, done.stderr
        policy, trust = json.loads(done.stdout.splitlines()[-1])
        self.runtime = self.iam.create_role(
            RoleName='AmazonBedrockAgentCoreSDKRuntime', AssumeRolePolicyDocument=trust)['Role']
        self.of_runtime = json.loads(policy)['Statement']
        [self.build] = [one for one in self.iam.list_roles()['Roles']
                        if 'CodeBuild' in one['RoleName']]
        self.of_build = self.iam.get_role_policy(
            RoleName=self.build['RoleName'],
            PolicyName='CodeBuildExecutionPolicy')['PolicyDocument']['Statement']

    def give(self, role: dict, policy: str, statements: list[dict]) -> None:
        self.iam.put_role_policy(RoleName=role['RoleName'], PolicyName=policy,
                                 PolicyDocument=json.dumps(
                                     {'Version': '2012-10-17', 'Statement': statements}))

    def builds(self, statements: list[dict]) -> str:
        """Why it does not; empty when it does."""
        self.give(self.build, 'CodeBuildExecutionPolicy', statements)
        ended = build(self.server, 'agent', archive({'server.py': '', 'Dockerfile': DOCKERFILE}),
                      serviceRole=self.build['Arn'])
        return '' if ended['buildStatus'] == 'SUCCEEDED' else ended['phases'][-2]['contexts'][0][
            'message']

    def deploys(self, statements: list[dict]) -> str:
        """Why it does not; empty when it does."""
        self.give(self.runtime, 'own', statements)
        control = self.server.aws('bedrock-agentcore-control')
        image = self.server.aws('ecr').describe_repositories(
            repositoryNames=['agent'])['repositories'][0]['repositoryUri']
        try:
            made = control.create_agent_runtime(
                agentRuntimeName='agent', roleArn=self.runtime['Arn'],
                networkConfiguration={'networkMode': 'PUBLIC'},
                agentRuntimeArtifact={'containerConfiguration': {
                    'containerUri': f'{image}:latest'}})
        except ClientError as refusal:
            assert refusal.response['Error']['Code'] == 'ValidationException'
            return refusal.response['Error']['Message']
        control.delete_agent_runtime(agentRuntimeId=made['agentRuntimeId'])
        return ''


def named_without_each(step, statements: list[dict]) -> set[str]:
    """The permissions that the step names, each statement left out once."""
    assert step(statements) == ''
    named = set()
    for left_out in statements:
        said = step([one for one in statements if one is not left_out])
        if said:
            named.add(re.search(r'(?:Missing:|perform:?) (\S+) on ', said)[1])
    return named


@pytest.mark.timeout(300)
@pytest.mark.parametrize('toolkit', ['toolkit', 'toolkit-0.2.0'])
def test_the_toolkits_roles_suffice_and_each_statement_counts(own_server, toolkit):
    roles = Roles(own_server(), toolkit)
    assert named_without_each(roles.builds, roles.of_build) == {'ecr:PutImage', 's3:GetObject'}
    roles.builds(roles.of_build)
    assert named_without_each(roles.deploys, roles.of_runtime) == {
        'ecr:GetAuthorizationToken', 'ecr:BatchGetImage'}
