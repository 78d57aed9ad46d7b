// From a recipe to the command of a child process: what it sees, and what it does not.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "processes/processes.h"
#include "runtimes/environment.h"
#include "runtimes/recipe.h"

namespace toolgate::runtimes {

// Where programs that we run find AWS: here, on loopback.
struct AwsPlace {
  std::string endpoint;  // "http://127.0.0.1:41000"
  // For host names that a program spells out; empty: they are not led here.
  std::string tls;      // "https://127.0.0.1:41001"
  std::string domains;  // "amazonaws.com,…"
  std::string ca_file;  // roots that vouch for the TLS port
};

struct Launch {
  Recipe recipe;
  std::filesystem::path tree;     // of the image: read only
  std::filesystem::path scratch;  // its HOME and TMPDIR: its own
  std::filesystem::path hooks;
  PythonEnvironment python;
  std::string node;               // the program, for PATH; empty: there is none
  std::uint16_t port_wanted = 0;  // what the program binds
  std::uint16_t port_given = 0;   // what it gets, on loopback
  // The user's own variables; they go before all others.
  std::vector<std::pair<std::string, std::string>> variables;
  struct Aws {
    std::string region;
    AwsPlace place;
    std::string credentials_url;    // gives the role's temporary credentials
    std::string credentials_token;  // to be shown there
    std::string invocation_url;
  } aws;
  std::uint64_t memory_bytes_max = 2ULL * 1024 * 1024 * 1024;
};

// Blocks: looks for files.
[[nodiscard]] processes::Command command_of(const Launch& launch);

}  // namespace toolgate::runtimes
