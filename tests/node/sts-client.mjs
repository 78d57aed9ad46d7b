// The AWS SDK for JavaScript and Node's HTTP clients, as `toolgate run` leads them:
// sts-client.mjs TOKEN_URL FORM WAY… Asks who the caller is, and for a token in each way. Prints
// one object of JSON.
import https from 'node:https'
import { lookup } from 'node:dns/promises'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'

const [url, form, ...ways] = process.argv.slice(2)
const headers = { 'content-type': 'application/x-www-form-urlencoded' }

// A connection of its own, as the SDKs open it: the proxy's variables are not looked at.
function ask(options) {
  return new Promise((resolve, reject) => {
    const asked = https.request(url, { method: 'POST', headers, agent: new https.Agent(),
      ...options }, async (answer) => {
      let text = ''
      for await (const piece of answer) text += piece
      resolve(JSON.parse(text))
    })
    asked.on('error', reject)
    asked.end(form)
  })
}

const by = {
  fetch: async () => (await fetch(url, { method: 'POST', body: new URLSearchParams(form) })).json(),
  https: () => ask({}),
  // Who has looked the name up already connects to an address.
  address: async () => {
    const { hostname } = new URL(url)
    const { address } = await lookup(hostname)
    return ask({ host: address, servername: hostname, headers: { ...headers, host: hostname } })
  },
}

const client = new STSClient({})
const identity = await client.send(new GetCallerIdentityCommand({}))
const tokens = {}
for (const way of ways) tokens[way] = (await by[way]()).access_token
console.log(JSON.stringify({ account: identity.Account, node: process.version, tokens,
  endpoint: process.env.AWS_ENDPOINT_URL ?? null }))
