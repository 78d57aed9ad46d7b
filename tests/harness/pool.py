"""A user pool with one machine client, made with the calls of the tutorials."""
import requests


class Pool:
    def __init__(self, server, name: str, scopes: tuple[str, ...] = ('invoke',)) -> None:
        self.server, self.name = server, name
        cognito = server.aws('cognito-idp')
        self.id = cognito.create_user_pool(PoolName=name)['UserPool']['Id']
        self.domain = self.id.replace('_', '').lower()
        cognito.create_user_pool_domain(Domain=self.domain, UserPoolId=self.id)
        cognito.create_resource_server(
            UserPoolId=self.id, Identifier=name, Name=name,
            Scopes=[{'ScopeName': scope, 'ScopeDescription': scope} for scope in scopes])
        self.scopes = [f'{name}/{scope}' for scope in scopes]
        self.client_id, self.secret = self.add_client(self.scopes)
        host = f'cognito-idp.{cognito.meta.region_name}.amazonaws.com'
        self.issuer = f'https://{host}/{self.id}'
        self.discovery = f'{self.issuer}/.well-known/openid-configuration'

    def add_client(self, scopes: list[str]) -> tuple[str, str]:
        made = self.server.aws('cognito-idp').create_user_pool_client(
            UserPoolId=self.id, ClientName='machine', GenerateSecret=True,
            AllowedOAuthFlows=['client_credentials'], AllowedOAuthScopes=scopes,
            AllowedOAuthFlowsUserPoolClient=True,
            SupportedIdentityProviders=['COGNITO'])['UserPoolClient']
        return made['ClientId'], made['ClientSecret']

    def ask_token(self, **form: str) -> requests.Response:
        fields = {'grant_type': 'client_credentials', 'client_id': self.client_id,
                  'client_secret': self.secret} | form
        return requests.post(f'{self.server.base}/oauth2/token', data=fields, timeout=10)

    def token(self, **form: str) -> str:
        answer = self.ask_token(**form)
        assert answer.status_code == 200, answer.text
        return answer.json()['access_token']

    def authorizer(self, **rules) -> dict:
        """authorizerType and authorizerConfiguration of a gateway that takes this pool's tokens."""
        rules = rules or {'allowedClients': [self.client_id]}
        return {'authorizerType': 'CUSTOM_JWT', 'authorizerConfiguration': {
            'customJWTAuthorizer': {'discoveryUrl': self.discovery, **rules}}}

    def provider(self, name: str) -> str:
        """The ARN of a credential provider that gets tokens of this pool."""
        return self.server.aws('bedrock-agentcore-control').create_oauth2_credential_provider(
            name=name, credentialProviderVendor='CustomOauth2',
            oauth2ProviderConfigInput={'customOauth2ProviderConfig': {
                'oauthDiscovery': {'discoveryUrl': self.discovery},
                'clientId': self.client_id, 'clientSecret': self.secret,
            }})['credentialProviderArn']
