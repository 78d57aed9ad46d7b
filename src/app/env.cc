// `toolgate env`: prints what leads programs to a running server, for a shell or for a notebook.
#include <cstdio>
#include <string>

#include <fmt/format.h>

#include "app/commands.h"
#include "app/prepared.h"
#include "json/json.h"

namespace toolgate::app {
namespace {

std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string export_lines(const Prepared& prepared) {
  std::string out;
  for (const auto& name : prepared.changes.unset) out += fmt::format("unset {}\n", name);
  for (const auto& [name, value] : prepared.changes.set) {
    out += fmt::format("export {}={}\n", name, shell_quoted(value));
  }
  return out;
}

// A JSON string is a Python string.
std::string python_quoted(std::string_view text) { return json::print(Json(text)); }

// For a kernel that was not started by us: its variables are other ones than ours here, it has
// imported what it has, and its shim must come in while it runs.
std::string python_snippet(const Prepared& prepared) {
  std::string names;
  for (const auto& name : prepared.changes.unset) names += python_quoted(name) + ", ";
  std::string out = fmt::format(
      "import os, runpy, sys\n"
      "for _name in list(os.environ):\n"
      "    if _name.startswith({}) or _name in ({}):\n"
      "        del os.environ[_name]\n"
      "_region = os.environ.get('AWS_REGION') or os.environ.get('AWS_DEFAULT_REGION')\n"
      "os.environ.update({{\n",
      python_quoted(service_endpoint_prefix), names);
  for (const auto& [name, value] : prepared.changes.set) {
    out += fmt::format("    {}: {},\n", python_quoted(name), python_quoted(value));
  }
  out +=
      "})\n"
      "if _region:\n"
      "    os.environ['AWS_REGION'] = os.environ['AWS_DEFAULT_REGION'] = _region\n"
      "# A default session that boto3 has made already holds other credentials.\n"
      "if 'boto3' in sys.modules:\n"
      "    sys.modules['boto3'].DEFAULT_SESSION = None\n";
  out += fmt::format("_shim = runpy.run_path({}, run_name='toolgate_shim')\n",
                     python_quoted(prepared.files.shim + "/sitecustomize.py"));
  return out;
}

}  // namespace

int env(const CommandLine& command_line) {
  const auto prepared = prepare(command_line.config, own_environment());
  if (!prepared) {
    std::fprintf(stderr, "toolgate: env: %s\n", prepared.error().message.c_str());
    return exit_code_of(prepared.error());
  }
  const auto text =
      command_line.config.python ? python_snippet(*prepared) : export_lines(*prepared);
  std::fputs(text.c_str(), stdout);
  return 0;
}

}  // namespace toolgate::app
