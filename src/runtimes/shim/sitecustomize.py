"""Sends a Python program's connections to AWS-shaped names to toolgate.

Written by toolgate, which puts its folder on PYTHONPATH (`toolgate run`, `toolgate env`); Python
imports it at start. Programs that toolgate hosts load it too. Without toolgate's variables it does
nothing. Changes are lost: it is replaced.

    TOOLGATE_SHIM_DOMAINS  "amazoncognito.com,…": names below these are toolgate's
    TOOLGATE_SHIM_TLS      host:port of toolgate's TLS port
    TOOLGATE_SHIM_HTTP     host:port of its plain port, for URLs with port 80

Two hooks: a look-up of such a name gives a marker address, and a connection to the marker goes to
toolgate. Both are needed: some libraries keep the port that they were asked for, not the one that a
look-up gives. uvloop and gevent have look-ups and connections of their own: they get the same hooks
when they are imported. Certificates are verified as always.
"""
import importlib.abc
import importlib.util
import os
import socket
import sys

MARKER = '127.84.71.1'


def _state_of(environment):
    """(domains, TLS address, plain address) of the variables; None when they are not all there."""
    def address(name):
        host, colon, port = environment.get(name, '').rpartition(':')
        if not colon or not port.isdigit():
            return None
        return host.strip('[]'), int(port)

    listed = environment.get('TOOLGATE_SHIM_DOMAINS', '').split(',')
    domains = tuple('.' + name.strip().lower() for name in listed if name.strip())
    tls = address('TOOLGATE_SHIM_TLS')
    if not domains or tls is None:
        return None
    return domains, tls, address('TOOLGATE_SHIM_HTTP') or tls


def _install(state):
    shared = getattr(socket, '_toolgate_shim', None)
    if shared is not None:  # a second time in this process: the server may be another one
        shared[:] = [state]
        return
    shared = socket._toolgate_shim = [state]

    real_getaddrinfo = socket.getaddrinfo
    real_gethostbyname = socket.gethostbyname
    real_connect = socket.socket.connect
    real_connect_ex = socket.socket.connect_ex

    def is_ours(host):
        if isinstance(host, (bytes, bytearray)):
            host = bytes(host).decode('ascii', 'replace')
        if not isinstance(host, str):
            return False
        return host.lower().rstrip('.').endswith(shared[0][0])

    def number_of(port):
        if port is None:
            return 0
        if isinstance(port, bytes):
            port = port.decode('ascii', 'replace')
        if isinstance(port, str) and not port.isdigit():
            return socket.getservbyname(port)
        return int(port)

    def getaddrinfo(host, port, family=0, type=0, proto=0, flags=0):
        if not is_ours(host) or flags & socket.AI_NUMERICHOST:
            return real_getaddrinfo(host, port, family, type, proto, flags)
        if family not in (0, socket.AF_INET):
            raise socket.gaierror(socket.EAI_NONAME, 'Name or service not known')
        # The system fills in what the caller left open (type, protocol, canonical name).
        return real_getaddrinfo(MARKER, number_of(port), socket.AF_INET,
                                type or socket.SOCK_STREAM, proto, flags)

    def gethostbyname(name):
        return MARKER if is_ours(name) else real_gethostbyname(name)

    def redirected(sock, address):
        if not isinstance(address, tuple) or len(address) < 2:
            return address  # not of the Internet
        if sock.family not in (socket.AF_INET, socket.AF_INET6):
            return address
        if address[0] != MARKER and not is_ours(address[0]):
            return address
        _, tls, plain = shared[0]
        host, port = plain if address[1] == 80 else tls
        if sock.family == socket.AF_INET6 and ':' not in host:
            host = '::ffff:' + host
        return (host, port)

    def connect(self, address):
        return real_connect(self, redirected(self, address))

    def connect_ex(self, address):
        return real_connect_ex(self, redirected(self, address))

    socket.getaddrinfo = getaddrinfo
    socket.gethostbyname = gethostbyname
    socket.socket.connect = connect
    socket.socket.connect_ex = connect_ex

    def hook_uvloop(module):
        loop = module.Loop
        look_up, create = loop.getaddrinfo, loop.create_connection

        async def loop_getaddrinfo(self, host, port, **more):
            if is_ours(host):
                return getaddrinfo(host, port, **more)
            return await look_up(self, host, port, **more)

        async def create_connection(self, factory, host=None, port=None, **more):
            if host is not None and (host == MARKER or is_ours(host)):
                if more.get('ssl') and more.get('server_hostname') is None:
                    more['server_hostname'] = host
                _, tls, plain = shared[0]
                host, port = plain if port == 80 else tls
            return await create(self, factory, host, port, **more)

        loop.getaddrinfo = loop_getaddrinfo
        loop.create_connection = create_connection

    def hook_gevent_socket(module):
        theirs = module.socket
        their_connect, their_connect_ex = theirs.connect, theirs.connect_ex
        theirs.connect = lambda self, address: their_connect(self, redirected(self, address))
        theirs.connect_ex = lambda self, address: their_connect_ex(self, redirected(self, address))

    def hook_gevent_resolver(module):
        resolver = module.Resolver
        look_up, by_name = resolver.getaddrinfo, resolver.gethostbyname

        def resolver_getaddrinfo(self, host, port, *more, **named):
            ours = getaddrinfo(host, port, *more, **named) if is_ours(host) else None
            return ours or look_up(self, host, port, *more, **named)

        resolver.getaddrinfo = resolver_getaddrinfo
        resolver.gethostbyname = lambda self, name, *more: (
            MARKER if is_ours(name) else by_name(self, name, *more))

    sys.meta_path.insert(0, _Hooks({'uvloop': hook_uvloop, 'gevent._socket3': hook_gevent_socket,
                                    'gevent.resolver.thread': hook_gevent_resolver}))


class _Hooks(importlib.abc.MetaPathFinder):
    """Calls a function with a module once it is imported."""

    def __init__(self, hooks):
        self.hooks = hooks

    def find_spec(self, name, path=None, target=None):
        hook = self.hooks.pop(name, None)
        if hook is None:
            return None
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            try:
                hook(module)
            except Exception as error:  # another version: it runs on, without our names
                sys.stderr.write('toolgate: no shim for %s: %s\n' % (name, error))

        spec.loader.exec_module = exec_module
        return spec


def _run_shadowed():
    """The sitecustomize that ours stands before on the path, if there is one."""
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec
    here = os.path.realpath(os.path.dirname(__file__))
    path = [entry for entry in sys.path if os.path.realpath(entry or os.curdir) != here]
    spec = PathFinder.find_spec('sitecustomize', path)
    if spec is None or spec.loader is None:
        return
    module = module_from_spec(spec)
    sys.modules['sitecustomize'] = module
    spec.loader.exec_module(module)


def _start():
    try:
        state = _state_of(os.environ)
        if state is not None:
            _install(state)
    except Exception as error:  # a program must start whatever its environment says
        sys.stderr.write('toolgate: the shim is not installed: %s\n' % error)


_start()
if __name__ == 'sitecustomize':
    _run_shadowed()
