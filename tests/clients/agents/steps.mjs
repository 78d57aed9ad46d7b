// What steps.py is for Python: each step told as a line of JSON.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

export const [URL_OF_GATEWAY, TOKEN] = process.argv.slice(2);
export const HEADERS = { Authorization: `Bearer ${TOKEN}` };
const ORDER = { orderId: 7 };

export const say = (what) => console.log(JSON.stringify(what));

export function packages(...names) {
  const read = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
  say({ versions: Object.fromEntries(names.map((name) => [name, read(name)])) });
}

async function restart() {
  say({ restart: true });
  const lines = createInterface({ input: process.stdin });
  await new Promise((resolve) => lines.once('line', resolve));
  lines.close();
}

async function step(name, asked) {
  try {
    say({ [name]: (await asked()) ?? 'nothing' });
  } catch (error) {
    say({ [name]: `${error.name}: ${error.message}`, raised: name });
  }
}

// The steps in their order, by a function of no arguments and one of a tool's name and arguments.
export async function all(names, call) {
  await step('tools', names);
  await step('call', () => call('orders___getOrder', ORDER));
  await step('fail', () => call('orders___breakOrder', ORDER));
  await step('search', () => call('x_amz_bedrock_agentcore_search', { query: 'send it back' }));
  await restart();
  await step('again', () => call('orders___getOrder', ORDER));
}
