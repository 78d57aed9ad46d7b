// Runs the handlers of Node functions: asks toolgate for calls over the Lambda Runtime API.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import util from 'node:util';

const env = process.env;
const [authority, ...rest] = env.AWS_LAMBDA_RUNTIME_API.split('/');
const [host, port] = authority.split(':');
const base = `/${rest.join('/')}/2018-06-01/runtime/`;
const mark = env._TOOLGATE_MARK ?? '';
delete env._TOOLGATE_MARK;
// AWS's host names lead to toolgate, also where the code spells them out.
createRequire(import.meta.url)('./shim.cjs');
for (const name of ['DOMAINS', 'TLS', 'HTTP']) delete env[`TOOLGATE_SHIM_${name}`];
let requestId = '';

// Node keeps what a full pipe does not take, and loses it with the process. Here it waits, so that
// all output of a call is out before its end is said; stderr follows, so that lines stay in order.
const still = new Int32Array(new SharedArrayBuffer(4));
function write(chunk, encoding, done) {
  let left = Buffer.from(chunk, typeof encoding === 'string' ? encoding : 'utf8');
  while (left.length > 0) {
    try {
      left = left.subarray(fs.writeSync(1, left));
    } catch (error) {
      if (error.code !== 'EAGAIN') break;  // nobody reads it any more
      Atomics.wait(still, 0, 0, 1);
    }
  }
  const told = typeof encoding === 'function' ? encoding : done;
  if (told !== undefined) process.nextTick(told);
  return true;
}
process.stdout.write = write;
process.stderr.write = write;
const asJson = env.AWS_LAMBDA_LOG_FORMAT === 'JSON';
const levels = { trace: 'TRACE', debug: 'DEBUG', info: 'INFO', log: 'INFO', warn: 'WARN',
  error: 'ERROR', fatal: 'FATAL' };
const order = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const least = asJson ? order.indexOf(env.AWS_LAMBDA_LOG_LEVEL) : 0;

// Errors have nothing that JSON shows by itself.
function shown(name, value) {
  if (!(value instanceof Error)) return value;
  return { errorType: value.constructor?.name ?? 'Error', errorMessage: value.message,
    stackTrace: String(value.stack ?? '').split('\n'), ...value };
}

function jsonLine(level, parts) {
  const told = { timestamp: new Date().toISOString(), level, requestId: requestId || undefined };
  if (parts.length === 1) {
    try {
      return JSON.stringify({ ...told, message: parts[0] }, shown);
    } catch {
      // It holds itself, or what JSON has not: told as text.
    }
  }
  told.message = util.format(...parts);
  const error = parts.find((part) => part instanceof Error);
  return JSON.stringify(error && parts.length > 1 ? { ...told, ...shown('', error) } : told);
}

for (const [name, level] of Object.entries(levels)) {
  console[name] = (...parts) => {
    if (order.indexOf(level) < least) return;
    write(asJson ? `${jsonLine(level, parts)}\n`
      : `${new Date().toISOString()}\t${requestId || 'undefined'}\t${level}\t${
        util.format(...parts)}\n`);
  };
}

// What ends a call or the process, under the name that Lambda's text format gives it.
function tell(label, told) {
  const { trace, ...rest } = told;
  write(asJson ? `${jsonLine('ERROR', [{ ...rest, stackTrace: trace }])}\n`
    : `${new Date().toISOString()}\t${requestId || 'undefined'}\tERROR\t${label} \t${
      JSON.stringify({ ...rest, stack: trace })}\n`);
}

function headersOf(head) {
  const headers = {};
  for (const line of head.split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return headers;
}

// One connection, kept: requests of this program come one by one. Plain, for node:http takes longer
// than all the rest of a call.
class Line {
  constructor() {
    this.begin();
    this.socket = net.connect({ host, port: Number(port), noDelay: true });
    this.socket.on('data', (piece) => this.take(piece));
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      if (current === this) current = undefined;
      this.lost?.(new Error('the connection to the Runtime API is lost'));
    });
  }

  begin() {
    this.pieces = [];
    this.bytes = 0;
    this.headers = undefined;
  }

  ask(request) {
    return new Promise((resolve, reject) => {
      this.answered = resolve;
      this.lost = reject;
      this.socket.ref();
      this.socket.write(request);
    });
  }

  take(piece) {
    this.pieces.push(piece);
    this.bytes += piece.length;
    if (this.headers === undefined) {
      const all = this.pieces.length === 1 ? piece : Buffer.concat(this.pieces);
      const end = all.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.headers = headersOf(all.toString('latin1', 0, end));
      this.from = end + 4;
      this.needed = this.from + Number(this.headers['content-length'] ?? 0);
    }
    if (this.bytes < this.needed) return;
    const all = this.pieces.length === 1 ? this.pieces[0] : Buffer.concat(this.pieces);
    const answer = { headers: this.headers, body: all.toString('utf8', this.from, this.needed) };
    this.begin();
    this.socket.unref();  // a handler that waits for nothing is told by an empty event loop
    this.lost = undefined;
    this.answered(answer);
  }
}
let current;

async function send(method, where, body = '', type = undefined) {
  const kind = type === undefined ? ''
    : `Lambda-Runtime-Function-Error-Type: ${String(type).replace(/[^\x20-\x7e]/g, '?')}\r\n`;
  const request = `${method} ${base}${where} HTTP/1.1\r\nHost: ${authority}\r\n`
    + `Content-Type: application/json\r\n${kind}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`
    + body;
  for (;;) {
    const fresh = current === undefined;
    current ??= new Line();
    try {
      return await current.ask(request);
    } catch (error) {
      if (fresh) throw error;  // an idle one may have been closed; nothing was executed then
    }
  }
}

function described(error) {
  if (error instanceof Error || (error && error.message !== undefined && error.stack)) {
    return { errorType: error.name ?? 'Error', errorMessage: String(error.message),
      trace: String(error.stack ?? '').split('\n') };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

function problem(type, message) {
  const error = new Error(message);
  error.name = type;
  return error;
}

function finished() {
  if (mark !== '') write(`${mark}${process.resourceUsage().maxRSS}\n`);
}

// "folder/module.function": the module is CommonJS or ESM, as its name and package.json say.
async function load(name) {
  const root = env.LAMBDA_TASK_ROOT;
  const folder = path.dirname(name);
  const words = path.basename(name).split('.');
  if (words.length < 2 || name.includes('..')) {
    throw problem('Runtime.MalformedHandlerName', `Bad handler: '${name}'`);
  }
  const stem = path.resolve(root, folder, words[0]);
  const file = ['.js', '.mjs', '.cjs', ''].map((end) => stem + end)
    .find((one) => fs.existsSync(one) && fs.statSync(one).isFile());
  if (file === undefined) {
    throw problem('Runtime.ImportModuleError', `Error: Cannot find module '${words[0]}'`);
  }
  let module;
  try {
    module = await import(pathToFileURL(file).href);
  } catch (error) {
    if (error instanceof SyntaxError) error.name = 'Runtime.UserCodeSyntaxError';
    else if (error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND') {
      error.name = 'Runtime.ImportModuleError';
    }
    throw error;
  }
  // What CommonJS exports is not always seen by its name.
  for (const from of [module, module.default]) {
    let found = from;
    for (const word of words.slice(1)) found = found?.[word];
    if (typeof found === 'function') return found.bind(from);
  }
  throw problem('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
}

function contextOf(headers, settle) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  const client = headers['lambda-runtime-client-context'];
  const parsed = client ? JSON.parse(Buffer.from(client, 'latin1').toString()) : undefined;
  if (parsed?.custom !== undefined) parsed.Custom = parsed.custom;
  const identity = headers['lambda-runtime-cognito-identity'];
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    clientContext: parsed,
    identity: identity ? JSON.parse(identity) : undefined,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    done: (error, result) => settle(error, result),
    fail: (error) => settle(error ?? 'handled'),
    succeed: (result) => settle(null, result),
  };
}

// Ends with the callback or the promise, or with null when nothing is left that could settle them.
function call(handler, event, headers) {
  return new Promise((resolve, reject) => {
    const nothingLeft = () => resolve(null);
    process.once('beforeExit', nothingLeft);
    const settle = (error, result) => {
      process.off('beforeExit', nothingLeft);
      if (error !== null && error !== undefined) reject(error);
      else resolve(result);
    };
    try {
      const returned = handler(event, contextOf(headers, settle), settle);
      if (typeof returned?.then === 'function') {
        returned.then((result) => settle(null, result), (error) => settle(error ?? 'handled'));
      }
    } catch (error) {
      settle(error ?? 'handled');
    }
  });
}

async function fail(where, error) {
  const told = described(error);
  tell('Invoke Error', told);
  finished();
  await send('POST', where, JSON.stringify(told), told.errorType);
}

async function run(handler) {
  const { headers, body } = await send('GET', 'invocation/next');
  requestId = headers['lambda-runtime-aws-request-id'];
  if (requestId === undefined) process.exit(0);  // toolgate does not need this process any more
  env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'] ?? '';
  let answer;
  try {
    const result = await call(handler, JSON.parse(body), headers);
    try {
      answer = JSON.stringify(result === undefined ? null : result) ?? 'null';
    } catch (error) {
      throw problem('Runtime.MarshalError', `Unable to stringify response body: ${error.message}`);
    }
  } catch (error) {
    await fail(`invocation/${requestId}/error`, error);
    return;
  }
  finished();
  await send('POST', `invocation/${requestId}/response`, answer);
}

// What no handler catches ends the process; the call learns why.
for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (error) => {
    const told = described(error);
    if (event === 'unhandledRejection') {
      told.errorMessage = `${told.errorType}: ${told.errorMessage}`;
      told.errorType = 'Runtime.UnhandledPromiseRejection';
    }
    const where = requestId === '' ? 'init/error' : `invocation/${requestId}/error`;
    tell(event, told);
    current?.socket.destroy();
    current = undefined;
    send('POST', where, JSON.stringify(told), told.errorType).finally(() => process.exit(129));
  });
}

const wanted = (env.AWS_EXECUTION_ENV ?? '').match(/nodejs(\d+)/)?.[1];
const here = process.versions.node.split('.')[0];
if (wanted !== undefined && wanted !== here) {
  const note = `[toolgate] nodejs${wanted}.x is not installed on this machine: Node ${here} runs `
    + 'this function';
  write(`${asJson ? jsonLine('WARN', [note]) : note}\n`);
}
let handler;
try {
  handler = await load(env._HANDLER);
} catch (error) {
  const told = described(error);
  tell('Uncaught Exception', told);
  await send('POST', 'init/error', JSON.stringify(told), told.errorType);
  process.exit(1);
}
for (;;) await run(handler);
