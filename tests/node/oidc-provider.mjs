// A certified OpenID provider (oidc-provider) with one machine client, for
// tests/test_oidc_provider.py. Its access tokens are JWTs with audience "gateway".
// node oidc-provider.mjs PORT ALGORITHM
import { generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';

const [port, algorithm] = process.argv.slice(2);
const curves = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' };

function signingKey() {
  let made;
  const namedCurve = curves[algorithm];
  if (namedCurve) made = generateKeyPairSync('ec', { namedCurve });
  else if (algorithm === 'EdDSA') made = generateKeyPairSync('ed25519');
  else made = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = made.privateKey.export({ format: 'jwk' });
  return { ...key, alg: algorithm, use: 'sig', kid: 'the-key' };
}

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: 'machine',
      client_secret: 'a-secret-of-some-length',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: 'client_secret_post',
    },
  ],
  clientDefaults: { id_token_signed_response_alg: algorithm },
  enabledJWA: { idTokenSigningAlgValues: [algorithm] },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => 'urn:gateway',
      getResourceServerInfo: () => ({
        scope: 'tools',
        audience: 'gateway',
        accessTokenFormat: 'jwt',
        accessTokenTTL: 3600,
        jwt: { sign: { alg: algorithm } },
      }),
      useGrantedResource: () => true,
    },
  },
  jwks: { keys: [signingKey()] },
  scopes: ['tools'],
});
provider.listen(Number(port), '127.0.0.1');
