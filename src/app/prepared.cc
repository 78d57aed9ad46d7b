#include "app/prepared.h"

#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>

#include "app/trust_files.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace toolgate::app {
namespace {

constexpr std::size_t constraints_count_max = 256;
constexpr std::size_t constraint_bytes_max = 512;

bool good_constraint(const std::string& text) {
  return !text.empty() && text.size() <= constraint_bytes_max && text.front() != '-' &&
         std::ranges::all_of(text, [](char c) { return c >= ' ' && c != '\x7f'; });
}

// Named after what it says: commands that run at once do not disturb one another.
Result<std::string> write_constraints(const std::string& data_dir,
                                      const std::vector<std::string>& wanted) {
  if (wanted.empty()) return std::string{};
  if (wanted.size() > constraints_count_max || !std::ranges::all_of(wanted, good_constraint)) {
    return fail(Code::invalid,
                "--constraint: expected at most 256 requirements such as 'mcp<2', one line each");
  }
  // pip takes a list of files, separated by spaces.
  if (data_dir.find_first_of(" \t") != std::string::npos) {
    return fail(Code::invalid,
                fmt::format("--constraint: pip cannot read files below {}: there is a space in it",
                            data_dir));
  }
  const auto text = join(wanted, "\n") + "\n";
  auto path =
      fmt::format("{}/constraints-{}.txt", data_dir, crypto::sha256_hex(text).substr(0, 12));
  TRY_DO(write_public_file(path, text));
  return path;
}

}  // namespace

Environment own_environment() {
  Environment environment;
  for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
    const std::string_view entry{*at};
    const auto equals = entry.find('=');
    if (equals == std::string_view::npos) continue;
    environment.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return environment;
}

Result<Prepared> prepare(const Config& config, const Environment& environment) {
  TRY(const Shim shim, parse_shim(config.shim));
  TRY(auto server, running_server(config));
  TRY(const auto pass, make_pass(server));
  RedirectFiles files;
  TRY(files.bundle, write_bundle(server.data_dir, own_roots(environment, server.data_dir)));
  TRY(files.extra_roots,
      write_extra_roots(server.data_dir, own_extra_roots(environment, server.data_dir)));
  TRY(files.shim, write_shim(server.data_dir));
  TRY(files.constraints, write_constraints(server.data_dir, config.constraints));
  TRY(auto changes, redirect(server, pass, shim, files, environment));
  return Prepared{std::move(server), std::move(files), std::move(changes)};
}

}  // namespace toolgate::app
