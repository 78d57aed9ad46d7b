"""Tutorial 3's "Adding OpenAPI Targets" with the starter toolkit: prints the target's id.

GATEWAY_ID ROLE_ARN DOCUMENT API_KEY
"""
import os
import sys
from pathlib import Path

from bedrock_agentcore_starter_toolkit.operations.gateway.client import GatewayClient

gateway_id, role, document, key = sys.argv[1:]
client = GatewayClient(region_name=os.environ['AWS_REGION'])
target = client.create_mcp_gateway_target(
    gateway={'gatewayId': gateway_id, 'roleArn': role}, name='nasa-mars-weather',
    target_type='openApiSchema', target_payload={'inlinePayload': Path(document).read_text()},
    credentials={'api_key': key, 'credential_location': 'QUERY_PARAMETER',
                 'credential_parameter_name': 'api_key'})
print(target['targetId'])
