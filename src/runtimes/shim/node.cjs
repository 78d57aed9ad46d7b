// Sends a Node program's connections to AWS-shaped names to toolgate.
//
// Written by toolgate, which names it in NODE_OPTIONS (`toolgate run`, `toolgate env`); Node loads
// it at start. Without toolgate's variables, those of sitecustomize.py, it does nothing. Changes are
// lost: it is replaced.
//
// A look-up of such a name gives a marker address; a connection to the name or to the marker goes
// to toolgate, whatever agent or client opens it. TLS names and verifies the host as always.
// Nothing here is newer than Node 12: what it cannot read would keep every program from starting.
'use strict';
const dns = require('dns');
const net = require('net');

const MARKER = '127.84.71.1';

function addressOf(name) {
  const text = process.env[name] || '';
  const colon = text.lastIndexOf(':');
  const port = Number(text.slice(colon + 1));
  if (colon < 1 || !Number.isInteger(port) || port < 1) return null;
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port };
}

function domainsOf(text) {
  return text.split(',').map((one) => one.trim().toLowerCase()).filter(Boolean);
}

function install(domains, tls, plain) {
  function isOurs(host) {
    if (typeof host !== 'string') return false;
    const name = host.toLowerCase().replace(/\.+$/, '');
    return domains.some((domain) => name.endsWith('.' + domain));
  }

  const { lookup } = dns;
  dns.lookup = function (name, options, done) {
    if (!isOurs(name)) return lookup.apply(dns, arguments);
    const more = typeof options === 'function' ? undefined : options;
    return lookup.call(dns, MARKER, more, typeof options === 'function' ? options : done);
  };
  const promised = dns.promises.lookup;
  dns.promises.lookup = function (name, options) {
    return promised.call(dns.promises, isOurs(name) ? MARKER : name, options);
  };

  function redirected(options) {
    if (!options || typeof options !== 'object' || options.path) return options;
    if (options.host !== MARKER && !isOurs(options.host)) return options;
    return { ...options, ...(Number(options.port) === 80 ? plain : tls) };
  }

  const { connect } = net.Socket.prototype;
  net.Socket.prototype.connect = function (...args) {
    if (Array.isArray(args[0])) {  // net.connect and tls.connect have sorted theirs already
      args[0][0] = redirected(args[0][0]);
    } else if (args[0] && typeof args[0] === 'object') {
      args[0] = redirected(args[0]);
    } else if (typeof args[1] === 'string') {
      const to = redirected({ port: args[0], host: args[1] });
      args.splice(0, 2, to.port, to.host);
    }
    return connect.apply(this, args);
  };
  const { syncBuiltinESMExports } = require('module');
  if (syncBuiltinESMExports) syncBuiltinESMExports();  // for `import { lookup } from 'dns'`
}

try {
  const domains = domainsOf(process.env.TOOLGATE_SHIM_DOMAINS || '');
  const tls = addressOf('TOOLGATE_SHIM_TLS');
  if (domains.length > 0 && tls && !globalThis.__toolgateShim) {
    Object.defineProperty(globalThis, '__toolgateShim', { value: true });
    install(domains, tls, addressOf('TOOLGATE_SHIM_HTTP') || tls);
  }
} catch (error) {  // a program must start whatever its environment says
  process.stderr.write(`toolgate: the shim is not installed: ${error.message}\n`);
}
