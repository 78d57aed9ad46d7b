#!/usr/bin/env python3
"""Takes the common policies of AWS, as AWS publishes them, out of a package that holds them all.

    tools/aws_managed.py --out DIR        writes DIR/aws_managed_data.cc

The documents come with the PyPI package `moto` (Apache-2.0), which collects them from IAM itself;
it is pinned here by version and hash and kept in .cache/.
"""
import argparse
import ast
import json
import zipfile
from pathlib import Path

import contract
from wheel import fetch as wheel_of

VERSION = '5.2.5'
SHA256 = 'eef62cdcf3bfe73e0863743511ba042dfaba04ba3d5ecdcb896a196c693ad528'
WHEEL = f'moto-{VERSION}-py3-none-any.whl'
MODULE = 'moto/iam/aws_managed_policies.py'

# Those that the users of the services we serve attach.
NAMES = (
    'AWSCodeBuildAdminAccess', 'AWSCodeBuildDeveloperAccess', 'AWSKeyManagementServicePowerUser',
    'AWSLambdaBasicExecutionRole', 'AWSLambdaRole', 'AWSLambdaVPCAccessExecutionRole',
    'AWSLambda_FullAccess', 'AWSLambda_ReadOnlyAccess', 'AWSXRayDaemonWriteAccess',
    'AdministratorAccess', 'AmazonAPIGatewayInvokeFullAccess', 'AmazonBedrockFullAccess',
    'AmazonBedrockReadOnly', 'AmazonCognitoPowerUser', 'AmazonCognitoReadOnly',
    'AmazonDynamoDBFullAccess', 'AmazonDynamoDBReadOnlyAccess',
    'AmazonEC2ContainerRegistryFullAccess', 'AmazonEC2ContainerRegistryPowerUser',
    'AmazonEC2ContainerRegistryReadOnly', 'AmazonS3FullAccess', 'AmazonS3ReadOnlyAccess',
    'BedrockAgentCoreFullAccess', 'CloudWatchLogsFullAccess', 'CloudWatchLogsReadOnlyAccess',
    'IAMFullAccess', 'IAMReadOnlyAccess', 'PowerUserAccess', 'ReadOnlyAccess',
    'SecretsManagerReadWrite',
)


def published(source: str) -> dict:
    """The module's one string."""
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            return json.loads(statement.value.value)
    raise SystemExit(f'aws_managed: {MODULE} of moto {VERSION} holds no policies')


def cut(policies: dict) -> str:
    """[{"name", "version", "document"}], the name with its path."""
    return json.dumps([{'name': policies[name]['Path'].removeprefix('/') + name,
                        'version': policies[name]['DefaultVersionId'],
                        'document': policies[name]['Document']} for name in NAMES],
                      separators=(',', ':'))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument('--out', type=Path, required=True)
    out = arguments.parse_args().out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    wheel = wheel_of('aws_managed', 'moto', VERSION, WHEEL, SHA256)
    with zipfile.ZipFile(wheel) as opened:
        text = cut(published(opened.read(MODULE).decode()))
    assert ')data"' not in text
    contract.write(out / 'aws_managed_data.cc', '\n'.join([
        '// Written by tools/aws_managed.py.', '#include "services/iam/aws_managed.h"', '',
        'namespace toolgate::services::iam {',
        f'std::string_view aws_managed_text() {{ return R"data({text})data"; }}',
        '}  // namespace toolgate::services::iam', '']))


if __name__ == '__main__':
    main()
