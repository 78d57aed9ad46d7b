#!/usr/bin/env python3
"""Makes Smithy 2.0 models (JSON AST) of the service models that botocore brings.

    tools/smithy_models.py --out DIR SERVICE…    writes DIR/<service>.json of each

AWS publishes such models itself; these say the same in the same terms: shapes, operations,
documentation, constraints, errors, bindings to HTTP, XML's names, endpoint rules, protocol and
authentication. For tests, and for the sample of DynamoDB (tools/smithy_sample.py).
"""
import argparse
import gzip
import json
import re
import zipfile
from pathlib import Path

import contract

SIMPLE = {'string': 'string', 'character': 'string', 'integer': 'integer', 'long': 'long',
          'short': 'short', 'bigdecimal': 'bigDecimal', 'biginteger': 'bigInteger',
          'double': 'double', 'float': 'float', 'boolean': 'boolean', 'timestamp': 'timestamp',
          'blob': 'blob'}
TIMES = {'iso8601': 'date-time', 'unixTimestamp': 'epoch-seconds', 'rfc822': 'http-date'}
NUMBERS = ('integer', 'long', 'short', 'float', 'double')
PROTOCOLS = {'rest-json': 'restJson1', 'rest-xml': 'restXml', 'query': 'awsQuery',
             'ec2': 'ec2Query'}
# Botocore knows these of itself; AWS's own models say them.
UNWRAPPED = {('s3', 'GetBucketLocation')}
UNIONS = {('dynamodb', 'AttributeValue')}


class Converter:
    def __init__(self, service: str, model: dict, rules: dict | None):
        self.service = service
        self.model = model
        self.rules = rules
        self.namespace = f'com.amazonaws.{re.sub("[^a-z0-9]", "", service)}'
        metadata = model['metadata']
        spoken = [name for name in metadata.get('protocols', [metadata['protocol']])
                  if name in PROTOCOLS or name == 'json']
        self.protocol = spoken[0] if spoken else metadata['protocol']
        self.shapes: dict[str, dict] = {}

    def id(self, name: str) -> str:
        return f'{self.namespace}#{name}'

    def operation_id(self, name: str) -> str:
        clash = name in self.model['shapes']
        return f'{self.namespace}.operations#{name}' if clash else self.id(name)

    # Traits.

    @staticmethod
    def with_traits(shape: dict, traits: dict) -> dict:
        return shape | {'traits': dict(sorted(traits.items()))} if traits else shape

    @staticmethod
    def described(model: dict) -> dict:
        text = model.get('documentation')
        traits = {'smithy.api#documentation': text} if text else {}
        if model.get('deprecated'):
            traits['smithy.api#deprecated'] = {}
        return traits

    @staticmethod
    def constraints(model: dict) -> dict:
        """Length of what has one, range of numbers, pattern of texts."""
        traits: dict = {}
        bounds = {name: model[name] for name in ('min', 'max') if name in model}
        if bounds:
            kind = 'range' if model['type'] in NUMBERS else 'length'
            traits[f'smithy.api#{kind}'] = bounds
        if 'pattern' in model:
            traits['smithy.api#pattern'] = f'^{model["pattern"]}$'
        if model.get('sensitive'):
            traits['smithy.api#sensitive'] = {}
        if model.get('timestampFormat') in TIMES:
            traits['smithy.api#timestampFormat'] = TIMES[model['timestampFormat']]
        return traits

    @staticmethod
    def namespace_trait(model: dict) -> dict:
        space = model.get('xmlNamespace')
        if not space:
            return {}
        return {'smithy.api#xmlNamespace': {'uri': space} if isinstance(space, str) else space}

    # Members.

    def binding(self, model: dict) -> dict:
        name = model.get('locationName')
        location = model.get('location')
        target = self.model['shapes'][model['shape']]
        if location == 'uri':
            return {'smithy.api#httpLabel': {}}
        if location == 'querystring':
            return ({'smithy.api#httpQueryParams': {}} if target['type'] == 'map'
                    else {'smithy.api#httpQuery': name})
        if location == 'header':
            return {'smithy.api#httpHeader': name}
        if location == 'headers':
            return {'smithy.api#httpPrefixHeaders': name or ''}
        if location == 'statusCode':
            return {'smithy.api#httpResponseCode': {}}
        return {}

    def names(self, model: dict, own: str | None) -> dict:
        name = model.get('locationName')
        target = self.model['shapes'][model['shape']]
        traits: dict = {}
        if target.get('flattened') or model.get('flattened'):
            traits['smithy.api#xmlFlattened'] = {}
            # The query protocol takes a flattened list's name from its items.
            item = target.get('member', {}).get('locationName')
            if self.protocol == 'query' and item:
                name = item
        if name and name != own:
            kind = 'jsonName' if self.protocol in ('rest-json', 'json') else 'xmlName'
            traits[f'smithy.api#{kind}'] = name
        if 'queryName' in model:
            traits['aws.protocols#ec2QueryName'] = model['queryName']
        if model.get('xmlAttribute'):
            traits['smithy.api#xmlAttribute'] = {}
        return traits

    def member(self, model: dict, own: str | None, required: bool = False,
               payload: bool = False) -> dict:
        traits = self.described(model) | self.binding(model)
        if not any(key.startswith('smithy.api#http') for key in traits):
            traits |= self.names(model, own)
        traits |= self.namespace_trait(model)
        if payload:
            traits['smithy.api#httpPayload'] = {}
        if required:
            traits['smithy.api#required'] = {}
        for ours, theirs in (('idempotencyToken', 'smithy.api#idempotencyToken'),
                             ('hostLabel', 'smithy.api#hostLabel')):
            if model.get(ours):
                traits[theirs] = {}
        if model.get('jsonvalue'):
            traits['smithy.api#mediaType'] = 'application/json'
        if model.get('timestampFormat') in TIMES:
            traits['smithy.api#timestampFormat'] = TIMES[model['timestampFormat']]
        if 'contextParam' in model:
            traits['smithy.rules#contextParam'] = model['contextParam']
        target = model['shape']
        if model.get('streaming'):
            target = self.streaming(target)
        return self.with_traits({'target': self.id(target)}, traits)

    def streaming(self, name: str) -> str:
        """A shape of that kind whose bytes stream, for a member that says so of itself."""
        if self.model['shapes'][name].get('streaming'):
            return name
        self.shapes[self.id(f'{name}Streaming')] = {
            'type': 'blob', 'traits': {'smithy.api#streaming': {}}}
        return f'{name}Streaming'

    # Shapes.

    @staticmethod
    def enumeration(values: list[str]) -> dict:
        members: dict = {}
        for value in values:
            name = re.sub(r'[^A-Za-z0-9]+', '_', value).strip('_').upper()
            name = name if name[:1].isalpha() else f'V_{name}'
            while name in members:
                name += '_'
            members[name] = {'target': 'smithy.api#Unit',
                             'traits': {'smithy.api#enumValue': value}}
        return members

    @staticmethod
    def error_traits(model: dict) -> dict:
        traits: dict = {'smithy.api#error': 'server' if model.get('fault') else 'client'}
        status = model.get('error', {}).get('httpStatusCode')
        if status:
            traits['smithy.api#httpError'] = status
        if 'retryable' in model:
            traits['smithy.api#retryable'] = (
                {'throttling': True} if model['retryable'].get('throttling') else {})
        return traits

    def structure(self, name: str, model: dict, traits: dict) -> dict:
        if model.get('document'):
            return self.with_traits({'type': 'document'}, traits)
        if model.get('exception'):
            traits |= self.error_traits(model)
        if model.get('eventstream'):
            traits['smithy.api#streaming'] = {}
        required = set(model.get('required', ()))
        members = {own: self.member(each, own, own in required, model.get('payload') == own)
                   for own, each in model.get('members', {}).items()}
        union = (model.get('union') or model.get('eventstream') or
                 (self.service, name) in UNIONS)
        kind = 'union' if union else 'structure'
        return self.with_traits({'type': kind, 'members': members}, traits)

    def shape(self, name: str, model: dict) -> dict:
        traits = self.described(model) | self.constraints(model) | self.namespace_trait(model)
        kind = model['type']
        if kind == 'structure':
            return self.structure(name, model, traits)
        if kind == 'list':
            return self.with_traits({'type': 'list', 'member': self.member(model['member'], None)},
                                    traits)
        if kind == 'map':
            return self.with_traits({'type': 'map', 'key': self.member(model['key'], None),
                                     'value': self.member(model['value'], None)}, traits)
        if model.get('streaming'):
            traits['smithy.api#streaming'] = {}
        if 'enum' in model:
            return self.with_traits({'type': 'enum', 'members': self.enumeration(model['enum'])},
                                    traits)
        return self.with_traits({'type': SIMPLE[kind]}, traits)

    def uri(self, model: dict) -> str:
        """Botocore's labels are names on the wire, Smithy's are members."""
        uri = model['http']['requestUri']
        shape = self.model['shapes'][model['input']['shape']] if 'input' in model else {}
        labels = {member.get('locationName', own): own
                  for own, member in shape.get('members', {}).items()
                  if member.get('location') == 'uri'}
        return re.sub(r'{([^}+]+)(\+?)}',
                      lambda found: f'{{{labels.get(found[1], found[1])}{found[2]}}}', uri)

    def operation(self, name: str, model: dict) -> dict:
        unit = 'smithy.api#Unit'
        out: dict = {'type': 'operation'}
        for part in ('input', 'output'):
            out[part] = {'target': self.id(model[part]['shape']) if part in model else unit}
        if model.get('errors'):
            out['errors'] = [{'target': self.id(error['shape'])} for error in model['errors']]
        http = model['http']
        traits = self.described(model) | {
            'smithy.api#http': {'method': http['method'], 'uri': self.uri(model),
                                'code': http.get('responseCode', 200)}}
        if self.protocol not in ('rest-json', 'rest-xml'):
            del traits['smithy.api#http']
        if model.get('authtype') == 'none':
            traits['smithy.api#auth'] = []
        if 'hostPrefix' in model.get('endpoint', {}):
            traits['smithy.api#endpoint'] = {'hostPrefix': model['endpoint']['hostPrefix']}
        for ours, theirs in (('httpChecksum', 'aws.protocols#httpChecksum'),
                             ('staticContextParams', 'smithy.rules#staticContextParams'),
                             ('operationContextParams', 'smithy.rules#operationContextParams')):
            if ours in model:
                traits[theirs] = model[ours]
        for ours, theirs in (('httpChecksumRequired', 'smithy.api#httpChecksumRequired'),
                             ('readonly', 'smithy.api#readonly'),
                             ('idempotent', 'smithy.api#idempotent')):
            if model.get(ours):
                traits[theirs] = {}
        if (self.service, name) in UNWRAPPED:
            traits['aws.customizations#s3UnwrappedXmlOutput'] = {}
        return self.with_traits(out, traits)

    def service_shape(self) -> dict:
        metadata = self.model['metadata']
        protocol = PROTOCOLS.get(self.protocol)
        if protocol is None:
            protocol = f'awsJson{metadata["jsonVersion"].replace(".", "_")}'
        traits = self.described(self.model) | {
            'aws.api#service': {'sdkId': metadata['serviceId'], 'arnNamespace': self.service,
                                'cloudFormationName': metadata['serviceId'],
                                'endpointPrefix': metadata['endpointPrefix']},
            'aws.auth#sigv4': {'name': metadata.get('signingName', metadata['endpointPrefix'])},
            f'aws.protocols#{protocol}': {},
            'smithy.api#title': metadata['serviceFullName']}
        if metadata.get('awsQueryCompatible') is not None:
            traits['aws.protocols#awsQueryCompatible'] = {}
        traits |= self.namespace_trait(metadata)
        if self.rules:
            traits['smithy.rules#endpointRuleSet'] = self.rules
        return self.with_traits(
            {'type': 'service', 'version': metadata['apiVersion'],
             'operations': [{'target': self.operation_id(name)}
                            for name in sorted(self.model['operations'])]}, traits)

    def convert(self) -> dict:
        for name, each in self.model['shapes'].items():
            self.shapes[self.id(name)] = self.shape(name, each)
        for name, each in self.model['operations'].items():
            self.shapes[self.operation_id(name)] = self.operation(name, each)
            for part in ('input', 'output'):
                if part not in each:
                    continue
                traits = self.shapes[self.id(each[part]['shape'])].setdefault('traits', {})
                traits[f'smithy.api#{part}'] = {}
                traits |= self.namespace_trait(each[part])
                if self.protocol == 'rest-xml' and 'locationName' in each[part]:
                    traits['smithy.api#xmlName'] = each[part]['locationName']
        metadata = self.model['metadata']
        name = metadata.get('targetPrefix') or re.sub('[^A-Za-z0-9]', '', metadata['serviceId'])
        service = f'{self.namespace}.service#{name}' if name in self.model['shapes'] else self.id(
            name)
        self.shapes[service] = self.service_shape()
        return {'smithy': '2.0', 'shapes': dict(sorted(self.shapes.items()))}


def rules_of(wheel: zipfile.ZipFile, service: str) -> dict | None:
    found = sorted(name for name in wheel.namelist()
                   if name.startswith(f'botocore/data/{service}/')
                   and name.endswith('/endpoint-rule-set-1.json.gz'))
    return json.loads(gzip.decompress(wheel.read(found[-1]))) if found else None


def model_of(wheel: zipfile.ZipFile, service: str) -> dict:
    return Converter(service, contract.load(wheel, service), rules_of(wheel, service)).convert()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument('--out', type=Path, required=True)
    arguments.add_argument('services', nargs='+', metavar='SERVICE')
    given = arguments.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(contract.fetch()) as wheel:
        for service in given.services:
            contract.write(given.out / f'{service}.json',
                           json.dumps(model_of(wheel, service), separators=(',', ':')) + '\n')


if __name__ == '__main__':
    main()
