// The AWS SDK for JavaScript and Node's fetch, as `toolgate run` leads them:
// sts-client.mjs TOKEN_URL FORM. Prints one object of JSON.
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'

const [url, form] = process.argv.slice(2)
const identity = await new STSClient({}).send(new GetCallerIdentityCommand({}))
const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(form) })
console.log(JSON.stringify({ account: identity.Account, node: process.version,
  token: (await answer.json()).access_token }))
