// MCP Inspector's command line; each step is a process of its own.
import { spawnSync } from 'node:child_process';
import * as steps from './steps.mjs';

steps.packages('@modelcontextprotocol/inspector', '@modelcontextprotocol/client');

function inspector(...words) {
  const where = ['--cli', steps.URL_OF_GATEWAY, '--transport', 'http'];
  const header = ['--header', `Authorization: Bearer ${steps.TOKEN}`];
  const done = spawnSync('node_modules/.bin/mcp-inspector',
    [...where, ...header, '--method', ...words], { encoding: 'utf8' });
  return done.stdout || done.stderr;
}

const pairs = (input) =>
  Object.entries(input).flatMap(([name, value]) => ['--tool-arg', `${name}=${value}`]);
await steps.all(
  async () => JSON.parse(inspector('tools/list')).tools.map((tool) => tool.name),
  async (tool, input) => inspector('tools/call', '--tool-name', tool, ...pairs(input)),
);
