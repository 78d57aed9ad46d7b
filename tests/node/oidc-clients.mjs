// A certified OpenID provider (oidc-provider) whose clients authenticate in different ways, for
// tests/test_client_authentication.py. Its access tokens are JWTs for the resource that was asked
// for (RFC 8707). Clients whose name begins with "key-" show assertions signed by the public keys
// of KEYS: {"key-NAME": {"alg", "der" (SubjectPublicKeyInfo, base64), "kid"?}} in base64url.
// node oidc-clients.mjs PORT KEYS
import { createPublicKey } from 'node:crypto';
import Provider from 'oidc-provider';

const [port, encoded] = process.argv.slice(2);
const keys = JSON.parse(Buffer.from(encoded, 'base64url'));
const machine = { grant_types: ['client_credentials'], redirect_uris: [], response_types: [] };
const secret = 'a-secret-of-some-length';

const clients = [
  { ...machine, client_id: 'basic', client_secret: secret,
    token_endpoint_auth_method: 'client_secret_basic' },
  { ...machine, client_id: 'post', client_secret: secret,
    token_endpoint_auth_method: 'client_secret_post' },
];
for (const [name, { alg, der, kid }] of Object.entries(keys)) {
  const key = createPublicKey({ key: Buffer.from(der, 'base64'), format: 'der', type: 'spki' });
  const jwk = { ...key.export({ format: 'jwk' }), alg, use: 'sig', ...(kid ? { kid } : {}) };
  clients.push({ ...machine, client_id: name, jwks: { keys: [jwk] },
                 token_endpoint_auth_method: 'private_key_jwt',
                 token_endpoint_auth_signing_alg: alg });
}

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients,
  clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
  enabledJWA: { clientAuthSigningAlgValues: ['RS256', 'PS256', 'ES256'] },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => 'urn:default',
      getResourceServerInfo: (ctx, resource) => ({
        scope: 'tools', audience: resource, accessTokenFormat: 'jwt', accessTokenTTL: 3600,
      }),
    },
  },
  scopes: ['tools'],
});

// GET /seen: how each client showed itself. oidc-provider takes a secret in either place.
const seen = [];
provider.on('grant.success', (ctx) => {
  const { body, client } = ctx.oidc;
  seen.push({ client: client.clientId, header: Boolean(ctx.headers.authorization),
              secret: 'client_secret' in body, assertion: 'client_assertion' in body });
});
provider.use(async (ctx, next) => {
  if (ctx.path !== '/seen') return next();
  ctx.body = seen;
});
provider.listen(Number(port), '127.0.0.1');
