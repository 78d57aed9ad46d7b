#include "runtimes/hooks.h"

#include <fstream>

#include "runtimes/shims.h"

namespace toolgate::runtimes {
namespace {

// Found as sitecustomize through PYTHONPATH, and through a .pth file of our own environments,
// because tracers put a sitecustomize of theirs before it. asyncio and socketserver bind through
// socket.socket; uvloop binds in C, so that its loop's own call is changed when it is imported, by
// the shim's hooks. A sitecustomize of the program's own still runs.
constexpr std::string_view python_hook = R"(import importlib.machinery
import importlib.util
import os
import socket
import sys

WANTED = int(os.environ.get('TOOLGATE_PORT_WANTED', '0'))
GIVEN = int(os.environ.get('TOOLGATE_PORT_GIVEN', '0'))
HERE = os.path.dirname(os.path.abspath(__file__))


def load_shim():
    path = os.path.join(HERE, 'shim.py')
    names = {'__name__': 'toolgate_shim', '__file__': path}
    with open(path) as file:
        exec(compile(file.read(), path, 'exec'), names)
    return names


def replace_bind():
    bind = socket.socket.bind

    def bind_elsewhere(self, address):
        inet = self.family in (socket.AF_INET, socket.AF_INET6)
        if inet and isinstance(address, tuple) and address[1] == WANTED:
            host = '::1' if self.family == socket.AF_INET6 else '127.0.0.1'
            address = (host, GIVEN, *address[2:])
        return bind(self, address)

    socket.socket.bind = bind_elsewhere


def hook_uvloop(module):
    create = module.Loop.create_server

    async def create_server(self, factory, host=None, port=None, **more):
        if port == WANTED and more.get('sock') is None:
            host, port = '127.0.0.1', GIVEN
        return await create(self, factory, host, port, **more)

    module.Loop.create_server = create_server


def run_next():
    rest = [part for part in sys.path if os.path.abspath(part or '.') != HERE]
    spec = importlib.machinery.PathFinder.find_spec('sitecustomize', rest)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


if WANTED and GIVEN and not hasattr(socket, 'toolgate_bind'):
    socket.toolgate_bind = True
    replace_bind()
    sys.meta_path.insert(0, load_shim()['_Hooks']({'uvloop': hook_uvloop}))
if __name__ == 'sitecustomize':
    run_next()
)";

constexpr std::string_view node_hook = R"('use strict';
const net = require('net');

const wanted = Number(process.env.TOOLGATE_PORT_WANTED || 0);
const given = Number(process.env.TOOLGATE_PORT_GIVEN || 0);
const listen = net.Server.prototype.listen;

function isWanted(value) {
  return (typeof value === 'number' || typeof value === 'string') && Number(value) === wanted;
}

net.Server.prototype.listen = function (...args) {
  if (wanted && given) {
    const first = args[0];
    if (isWanted(first)) {
      const rest = args.slice(1).filter((one) => typeof one === 'function');
      return listen.call(this, { port: given, host: '127.0.0.1' }, ...rest);
    }
    if (first && typeof first === 'object' && isWanted(first.port)) {
      args[0] = { ...first, port: given, host: '127.0.0.1' };
    }
  }
  return listen.apply(this, args);
};
)";

// Runs the hook that the variable names; does nothing in a program that we did not start.
constexpr std::string_view pth_line =
    "import os; p = os.environ.get('TOOLGATE_PYTHON_HOOK'); "
    "p and exec(compile(open(p).read(), p, 'exec'), {'__name__': 'toolgate_hook', "
    "'__file__': p})\n";

Result<void> write(const std::filesystem::path& path, std::string_view text) {
  std::ofstream file{path, std::ios::binary | std::ios::trunc};
  file << text;
  if (!file.flush().good()) return fail(Code::internal, "cannot write " + path.string());
  return {};
}

}  // namespace

Result<void> write_hooks(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return fail(Code::internal, "cannot make " + folder.string(), error.message());
  TRY_DO(write(folder / "shim.py", python_shim_text));
  TRY_DO(write(folder / python_hook_name, python_hook));
  TRY_DO(write(folder / node_shim_name, node_shim_text));
  return write(folder / node_hook_name, node_hook);
}

Result<void> write_pth(const std::filesystem::path& site_packages) {
  return write(site_packages / "toolgate_hook.pth", pth_line);
}

}  // namespace toolgate::runtimes
