// From a function to the command of its process: the runtime's program, what it sees, and what it
// is told.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "functions/function.h"
#include "identity/access_keys.h"
#include "processes/processes.h"
#include "runtimes/interpreters.h"
#include "runtimes/launch.h"

namespace toolgate::functions {

// What runs the code.
enum class Family : unsigned char { python, node, provided };
// Of "python3.13", "nodejs20.x", "provided.al2023"; nothing for those that toolgate has no program
// for.
[[nodiscard]] std::optional<Family> family_of(std::string_view runtime);
// For messages.
[[nodiscard]] std::string_view known_runtimes();

// Variables that Lambda sets itself ("Using Lambda environment variables"): refused of users.
[[nodiscard]] bool is_reserved(std::string_view variable);

// What this machine has.
struct Machine {
  const runtimes::Programs* programs = nullptr;  // outlives what uses it
  runtimes::Substitutes substitutes = runtimes::Substitutes::allowed;
};

struct Launch {
  const Function& function;
  const Machine& machine;
  std::filesystem::path tree;        // of the code: read only
  std::filesystem::path scratch;     // its HOME and TMPDIR: its own
  std::filesystem::path bootstraps;  // the folder
  std::filesystem::path packages;    // site-packages that Lambda's Python has; or empty
  std::string runtime_api;           // "127.0.0.1:7878/lambda-runtime/TOKEN"
  runtimes::AwsPlace aws;            // where it finds AWS
  std::string log_stream;
  std::string mark;
  identity::SessionCredentials credentials;  // of its role
};

// Blocks: looks for files. Fails with Code::unavailable when the machine has no such interpreter,
// and with Code::invalid when the code has no bootstrap.
[[nodiscard]] Result<processes::Command> command_of(const Launch& launch);

}  // namespace toolgate::functions
