// A certified OpenID provider (oidc-provider) whose users sign in and consent in a browser, for
// tests/test_credentials_consent.py. Its development pages ask for a login and a consent; any login
// is taken. Refresh tokens are replaced at each use. Access tokens are short: they live SECONDS.
// node oidc-consent.mjs PORT SECONDS
import Provider from 'oidc-provider';

const [port, seconds] = process.argv.slice(2);
const secret = 'a-secret-of-some-length';
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: 'gate',
      client_secret: secret,
      grant_types: ['authorization_code', 'refresh_token'],
      // The gateway's callback carries an id that is made with the provider: added by /register.
      redirect_uris: ['http://127.0.0.1:1/none'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
    },
  ],
  features: {
    devInteractions: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
  },
  pkce: { required: () => true },
  rotateRefreshToken: true,
  issueRefreshToken: async () => true,
  scopes: ['openid', 'offline_access', 'tools'],
  ttl: { AccessToken: Number(seconds), RefreshToken: 3600, Grant: 3600, Session: 3600,
         Interaction: 600, AuthorizationCode: 60 },
  findAccount: async (ctx, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
});

// The test says which address the browser comes back to, once it knows it.
provider.use(async (ctx, next) => {
  if (ctx.path !== '/allow') return next();
  const client = await provider.Client.find('gate');
  client.redirectUris = [ctx.query.redirect_uri];
  provider.Client.find = async () => client;
  ctx.status = 204;
});
provider.listen(Number(port), '127.0.0.1');
