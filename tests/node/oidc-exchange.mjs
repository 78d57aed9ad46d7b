// A certified OpenID provider (oidc-provider) whose client "gate" exchanges the tokens of its other
// clients, "ann" and "bob": by token exchange (RFC 8693), which it does not know by itself and is
// taught here, and by JWT authorization grants (RFC 7523 §2.1). A subject must be a JWT that this
// provider has signed, for the audience "gateway"; what is given is a JWT of the same subject for
// the resource that was asked for (RFC 8707), with who acts in "act".
// node oidc-exchange.mjs PORT
import { generateKeyPairSync } from 'node:crypto';
import { createLocalJWKSet, jwtVerify } from 'jose';
import Provider, { errors } from 'oidc-provider';

const [port] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const secret = 'a-secret-of-some-length';
const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
const bearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const jwtType = 'urn:ietf:params:oauth:token-type:jwt';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = { ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid: 'the-key' };
const { kty, n, e } = key;
const keys = createLocalJWKSet({ keys: [{ kty, n, e, alg: 'RS256', kid: 'the-key' }] });

const client = (client_id, ...more) => ({
  client_id, client_secret: secret, grant_types: ['client_credentials', ...more],
  redirect_uris: [], response_types: [], token_endpoint_auth_method: 'client_secret_basic',
});
const infoOf = (resource) => ({
  scope: 'tools', audience: resource === 'urn:gateway' ? 'gateway' : resource,
  accessTokenFormat: 'jwt', accessTokenTTL: 3600,
});
const provider = new Provider(issuer, {
  clients: [client('ann'), client('bob'), client('gate', exchange, bearer)],
  extraTokenClaims: (ctx, token) => token.extra,
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => 'urn:gateway',
      getResourceServerInfo: (ctx, resource) => infoOf(resource),
      useGrantedResource: () => true,
    },
  },
  findAccount: async (ctx, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
  jwks: { keys: [key] },
  scopes: ['tools'],
});

// The claims of a token that this provider has given for the gateway, or the grant is refused.
async function subjectOf(token) {
  try {
    return (await jwtVerify(token, keys, { issuer, audience: 'gateway' })).payload;
  } catch (error) {
    throw new errors.InvalidGrant(`the subject is none of ours: ${error.message}`);
  }
}

const asked = [];  // GET /asked
function answer(read) {
  return async (ctx) => {
    const { params, client: acting } = ctx.oidc;
    const subject = await subjectOf(read(params));
    const token = new provider.AccessToken({
      accountId: subject.sub, client: acting, gty: 'token_exchange', scope: params.scope,
      extra: { act: { sub: acting.clientId } },
    });
    token.resourceServer = new provider.ResourceServer(params.resource, infoOf(params.resource));
    asked.push({ ...params, client: acting.clientId });
    const value = await token.save();
    ctx.body = { access_token: value, issued_token_type: jwtType, token_type: 'Bearer',
                 expires_in: token.expiration, scope: params.scope };
  };
}
provider.registerGrantType(exchange, answer((params) => {
  if (params.subject_token_type !== jwtType) throw new errors.InvalidRequest('subject_token_type');
  return params.subject_token;
}), ['subject_token', 'subject_token_type', 'actor_token', 'actor_token_type', 'scope', 'resource',
     'audience']);
provider.registerGrantType(bearer, answer((params) => params.assertion),
                           ['assertion', 'scope', 'resource']);

provider.use(async (ctx, next) => {
  if (ctx.path !== '/asked') return next();
  ctx.body = asked;
});
provider.listen(Number(port), '127.0.0.1');
