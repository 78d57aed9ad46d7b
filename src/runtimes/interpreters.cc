#include "runtimes/interpreters.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include <fmt/format.h>

#include "base/text.h"

namespace toolgate::runtimes {
namespace {

namespace fs = std::filesystem;

// mcp and the AgentCore SDK need 3.10; later than 3.20 nothing is known of.
constexpr int minor_min = 10;
constexpr int minor_max = 20;

bool is_program(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && access(path.c_str(), X_OK) == 0;
}

// Its library, and ensurepip, which Debian packages apart (python3-venv).
bool makes_environments(const fs::path& program, int minor) {
  std::error_code error;
  const fs::path real = fs::canonical(program, error);
  if (error) return false;
  const fs::path library = real.parent_path().parent_path() / fmt::format("lib/python3.{}", minor);
  return fs::exists(library / "ensurepip/__init__.py", error) &&
         fs::exists(library / "venv/__init__.py", error);
}

std::vector<fs::path> folders(std::string_view path, const fs::path& home) {
  std::vector<fs::path> all{"/usr/bin", "/usr/local/bin"};
  for (const auto part : split(path, ':')) {
    // pyenv's shims are scripts that run another interpreter, or none.
    if (part.starts_with('/') && !part.ends_with("/shims")) all.emplace_back(part);
  }
  for (const auto* versions : {".pyenv/versions", ".local/share/uv/python"}) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator{home / versions, error}) {
      all.push_back(entry.path() / "bin");
    }
  }
  return all;
}

bool is_in_environment(const fs::path& program) {
  std::error_code error;
  return fs::exists(program.parent_path().parent_path() / "pyvenv.cfg", error);
}

// Where a program is started: what it finds beside itself and what a sandbox shows of it is beside
// what links lead to.
std::string without_links(const fs::path& program) {
  std::error_code error;
  const fs::path real = fs::canonical(program, error);
  return (error ? program : real).string();
}

bool holds(const fs::path& folder, const fs::path& path) {
  return std::ranges::mismatch(folder, path).in1 == folder.end();
}

void add_installation(const fs::path& program, const fs::path& home,
                      std::vector<std::string>& all) {
  const fs::path folder = program.parent_path();
  const fs::path prefix = folder.parent_path();
  if (prefix == "/usr" || prefix == "/usr/local") return;
  const bool shared = holds(prefix, home) || prefix == home / ".local";
  all.push_back(folder.filename() == "bin" && !shared ? prefix : program);
}

int minor_of(std::string_view version) {
  int minor = -1;
  if (version.starts_with("3.")) {
    std::from_chars(version.data() + 2, version.data() + version.size(), minor);
  }
  return minor;
}

}  // namespace

std::vector<Interpreter> find_interpreters(std::string_view path, const fs::path& home) {
  std::vector<Interpreter> found;
  for (const auto& folder : folders(path, home)) {
    for (int minor = minor_min; minor <= minor_max; ++minor) {
      const fs::path program = folder / fmt::format("python3.{}", minor);
      const std::string version = fmt::format("3.{}", minor);
      const bool known = std::ranges::find(found, version, &Interpreter::version) != found.end();
      if (known || !is_program(program) || !makes_environments(program, minor)) continue;
      found.push_back(
          {.version = version,
           .program = is_in_environment(program) ? program.string() : without_links(program)});
    }
  }
  return found;
}

Result<Interpreter> choose_interpreter(const std::vector<Interpreter>& found,
                                       std::string_view wished, Substitutes substitutes) {
  if (found.empty()) {
    return fail(Code::unavailable,
                "No Python interpreter (3.10 or later, with venv) is installed on this machine");
  }
  const int wish = minor_of(wished);
  const auto rank = [&](const Interpreter& one) {
    const int minor = minor_of(one.version);
    if (wish < 0) return -minor;
    return minor >= wish ? minor - wish : 100 + wish - minor;
  };
  const auto& nearest = *std::ranges::min_element(found, {}, rank);
  if (substitutes == Substitutes::refused && wish >= 0 && nearest.version != wished) {
    return fail(Code::unavailable,
                fmt::format("Python {} is not installed on this machine; --strict refuses {}, the "
                            "nearest",
                            wished, nearest.version));
  }
  return nearest;
}

std::optional<std::string> find_program(std::string_view path, std::string_view name) {
  for (const auto part : split(path, ':')) {
    const fs::path program = fs::path{part} / name;
    if (part.starts_with('/') && is_program(program)) return without_links(program);
  }
  return std::nullopt;
}

void Programs::look() const {
  std::call_once(looked_, [this] {
    interpreters_ = find_interpreters(path_, home_);
    node_ = find_program(path_, "node").value_or("");
  });
}

const std::vector<Interpreter>& Programs::interpreters() const {
  look();
  return interpreters_;
}

const std::string& Programs::node() const {
  look();
  return node_;
}

std::vector<std::string> readable_for(const fs::path& program, const fs::path& home) {
  std::vector<std::string> all;
  const fs::path real = without_links(program);
  add_installation(real, home, all);
  if (real != program && is_in_environment(program)) add_installation(program, home, all);
  return all;
}

std::vector<std::string> readable_for(const fs::path& program) {
  const char* home = std::getenv("HOME");
  return readable_for(program, home != nullptr ? home : "/");
}

}  // namespace toolgate::runtimes
