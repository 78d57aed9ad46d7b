#include "runtimes/environment.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <functional>
#include <iterator>

#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "runtimes/hooks.h"
#include "runtimes/local_requirements.h"

namespace toolgate::runtimes {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view ready_mark = "toolgate-ready";
const std::string gone_prefix = "gone-";
constexpr std::size_t requirements_bytes_max = 1024 * 1024;
constexpr std::size_t reason_lines_max = 8;
constexpr std::uint64_t build_memory_bytes_max = 4ULL * 1024 * 1024 * 1024;
constexpr std::uint64_t build_file_bytes_max = 4ULL * 1024 * 1024 * 1024;

// What of the server's variables a build may see.
bool is_for_builds(std::string_view name) {
  constexpr std::array<std::string_view, 10> names{
      "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",           "ALL_PROXY",    "SSL_CERT_FILE",
      "http_proxy", "https_proxy", "REQUESTS_CA_BUNDLE", "SSL_CERT_DIR", "no_proxy"};
  return name.starts_with("PIP_") || name.starts_with("UV_") ||
         std::ranges::find(names, name) != names.end();
}

Result<std::string> read_text(const fs::path& path, std::string_view name) {
  auto text = read_file(path, requirements_bytes_max);
  if (text) return text;
  if (text.error().code == Code::too_large) {
    return fail(Code::too_large,
                fmt::format("{}: longer than {} bytes", name, requirements_bytes_max));
  }
  return fail(Code::invalid, fmt::format("{}: no such file in the archive", name));
}

// Same key, same environment.
Result<std::string> key_of(const Environments::Wish& wish, const Interpreter& interpreter) {
  std::string all = interpreter.program + '\n' + interpreter.version + '\n';
  for (const auto& file : wish.recipe.requirement_files) {
    TRY(const std::string text, read_text(wish.tree / file, file));
    all += crypto::sha256(text);
    if (names_files(text)) all += wish.digest;
  }
  for (const auto& line : wish.recipe.requirements) {
    all += line + '\n';
    if (names_files(line)) all += wish.digest;
  }
  for (const auto& line : wish.constraints) all += "-c " + line + '\n';
  // A project's own code is installed: it counts whole.
  for (const auto& project : wish.recipe.projects) all += wish.digest + ' ' + project + '\n';
  return crypto::sha256_hex(all).substr(0, 32);
}

bool is_ready(const fs::path& folder) {
  std::error_code error;
  return fs::exists(folder / ready_mark, error);
}

// An empty folder in place of what a build that was interrupted has left.
bool make_anew(const fs::path& folder) {
  std::error_code error;
  fs::remove_all(folder, error);
  fs::create_directories(folder / "scratch", error);
  return !error;
}

// Constraints and single packages as files of pip's own.
bool write_lines(const fs::path& path, const std::vector<std::string>& lines) {
  std::ofstream file{path, std::ios::binary};
  for (const auto& line : lines) file << line << '\n';
  return file.flush().good();
}

// Where packages are installed from.
struct Step {
  fs::path tree;       // the image's files
  fs::path directory;  // where pip runs
  fs::path packages;   // a list of the single packages
};

// What is installed out of the image itself is built in a copy of it, as `COPY` and `RUN` have one:
// builds write beside their sources, and lists name files beside themselves.
bool lay_out(const Environments::Wish& wish, const fs::path& folder, Step& step) {
  const Recipe& recipe = wish.recipe;
  const auto names_in_file = [&](const std::string& file) {
    const auto text = read_text(wish.tree / file, file);
    return text && names_files(*text);
  };
  const bool local = !recipe.projects.empty() ||
                     std::ranges::any_of(recipe.requirements,
                                         [](const auto& line) { return names_files(line); }) ||
                     std::ranges::any_of(recipe.requirement_files, names_in_file);
  if (!local) return true;
  step.tree = folder / "scratch/tree";
  step.directory = (step.tree / recipe.directory).lexically_normal();
  step.packages = step.directory / ".toolgate-packages.txt";
  return copy_for_build(wish.tree, step.tree, recipe.requirement_files);
}

// The mark comes last. Where builds have a user of their own, the files become the server's: a
// later child with the same user must not write them.
bool finish(const fs::path& folder, std::string_view version) {
  std::error_code error;
  fs::remove_all(folder / "scratch", error);
  if (!write_pth(folder / fmt::format("lib/python{}/site-packages", version))) return false;
  if (geteuid() == 0) {
    for (const auto& entry : fs::recursive_directory_iterator{folder, error}) {
      if (lchown(entry.path().c_str(), 0, 0) != 0) return false;
    }
    if (lchown(folder.c_str(), 0, 0) != 0) return false;
  }
  return write_lines(folder / ready_mark, {"1"});
}

std::string reason_of(const processes::Exit& exit) {
  std::string reason = "installing packages failed: " + exit.text;
  const auto& lines = exit.last_lines;
  const auto first = lines.size() > reason_lines_max ? lines.size() - reason_lines_max : 0;
  for (std::size_t at = first; at < lines.size(); ++at) {
    reason += (at == first ? "; last output: " : " | ") + lines[at].substr(0, 300);
  }
  return reason;
}

struct Building {
  std::shared_ptr<Event> event;
  std::function<void()> ended;
  ~Building() { ended(); }
};

}  // namespace

Environments::Environments(Options options) : options_{std::move(options)} {}

std::string_view Environments::variable(std::string_view name) const {
  for (const auto& [key, value] : options_.variables) {
    if (key == name) return value;
  }
  return {};
}

Task<Result<PythonEnvironment>> Environments::provide(Wish wish, Log log) {
  const auto found = co_await options_.offload->run(
      [this] { return find_interpreters(variable("PATH"), fs::path{variable("HOME")}); });
  CO_TRY(const Interpreter interpreter,
         choose_interpreter(found, wish.recipe.python, options_.substitutes));
  if (!wish.recipe.python.empty() && wish.recipe.python != interpreter.version) {
    log(fmt::format("Python {} is not installed here; {} is used", wish.recipe.python,
                    interpreter.version));
  }
  const Recipe& recipe = wish.recipe;
  if (recipe.requirement_files.empty() && recipe.requirements.empty() && recipe.projects.empty()) {
    co_return PythonEnvironment{.folder = {}, .interpreter = interpreter, .in_use = {}};
  }
  CO_TRY(const std::string key, key_of(wish, interpreter));
  const fs::path folder = options_.folder / key;
  for (;;) {
    std::shared_ptr<Event> other;
    auto own = std::make_shared<Event>();
    {
      const std::scoped_lock lock{mutex_};
      const auto [place, added] = building_.try_emplace(key, own);
      if (!added) other = place->second;
    }
    if (other) {
      log("Another build is making the same environment: waiting for it");
      if (!co_await other->wait(within(build_within))) {
        co_return fail(Code::timeout, "waiting for another build of the same packages timed out");
      }
      continue;
    }
    const Building mark{.event = own, .ended = [this, key, own] {
                          const std::scoped_lock lock{mutex_};
                          building_.erase(key);
                          own->set();
                        }};
    if (is_ready(folder)) {
      log(fmt::format("Environment {} of Python {} is there already", key, interpreter.version));
    } else {
      CO_TRY_DO(co_await build(wish, interpreter, folder, log));
    }
    PythonEnvironment made{.folder = folder, .interpreter = interpreter, .in_use = use(key)};
    co_await options_.offload->run([&] { return touch_and_sweep(folder); });
    co_return made;
  }
}

std::shared_ptr<const void> Environments::use(const std::string& key) {
  const std::scoped_lock lock{mutex_};
  auto held = used_[key].lock();
  if (!held) used_[key] = held = std::make_shared<int>(0);
  return held;
}

// The time of the mark is when the environment was last wanted.
bool Environments::touch_and_sweep(const fs::path& folder) {
  std::error_code ignored;
  fs::last_write_time(folder / ready_mark, fs::file_time_type::clock::now(), ignored);
  {
    const std::scoped_lock lock{mutex_};
    if (!sweeping_) return false;
  }
  sweep();
  return true;
}

// Moves away, at once, what is to be removed: nobody can find it any more.
std::vector<fs::path> Environments::set_aside() {
  const std::scoped_lock lock{mutex_};
  sweeping_ = true;
  std::erase_if(used_, [](const auto& one) { return one.second.expired(); });
  std::vector<fs::path> gone;
  std::vector<std::pair<fs::file_time_type, fs::path>> unused;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator{options_.folder, error}) {
    const std::string key = entry.path().filename();
    if (building_.contains(key) || used_.contains(key)) continue;
    std::error_code missing;
    const auto wanted = fs::last_write_time(entry.path() / ready_mark, missing);
    if (missing) {
      gone.push_back(entry.path());
    } else {
      unused.emplace_back(wanted, entry.path());
    }
  }
  std::ranges::sort(unused, std::greater{});
  for (std::size_t at = unused_count_max; at < unused.size(); ++at) {
    gone.push_back(unused[at].second);
  }
  for (auto& path : gone) {
    if (path.filename().string().starts_with(gone_prefix)) continue;
    const fs::path aside = options_.folder / (gone_prefix + path.filename().string());
    fs::rename(path, aside, error);
    if (!error) path = aside;
  }
  return gone;
}

void Environments::sweep() {
  std::error_code ignored;
  for (const auto& path : set_aside()) fs::remove_all(path, ignored);
}

Task<Result<void>> Environments::build(const Wish& wish, const Interpreter& interpreter,
                                       const fs::path& folder, const Log& log) {
  const Deadline deadline = within(build_within);
  const fs::path limits = folder / "scratch/constraints.txt";
  Step step{.tree = wish.tree, .directory = folder, .packages = folder / "scratch/packages.txt"};
  const bool made = co_await options_.offload->run([&] {
    return make_anew(folder) && lay_out(wish, folder, step) &&
           write_lines(step.packages, wish.recipe.requirements) &&
           write_lines(limits, wish.constraints);
  });
  if (!made) co_return fail(Code::internal, "cannot make a folder for an environment");
  const std::string python = folder / "bin/python";
  const auto uv = find_program(variable("PATH"), "uv");
  std::vector<std::string> create{interpreter.program, "-m", "venv", folder};
  std::vector<std::string> install{python, "-m", "pip", "install", "--no-input"};
  if (uv) {
    create = {*uv, "venv", "--allow-existing", "--python", interpreter.program, folder};
    install = {*uv, "pip", "install", "--python", python};
  }
  for (const auto& file : wish.recipe.requirement_files) {
    install.insert(install.end(), {"-r", step.tree / file});
  }
  if (!wish.recipe.requirements.empty()) {
    install.insert(install.end(), {"-r", step.packages.string()});
  }
  if (!wish.constraints.empty()) install.insert(install.end(), {"-c", limits.string()});
  for (const auto& project : wish.recipe.projects) install.push_back(step.tree / project);
  log(fmt::format("Making an environment of Python {} with {}", interpreter.version,
                  uv ? "uv" : "pip"));
  CO_TRY_DO(co_await run(std::move(create), wish, interpreter, folder, folder, log, deadline));
  CO_TRY_DO(
      co_await run(std::move(install), wish, interpreter, folder, step.directory, log, deadline));
  if (!co_await options_.offload->run([&] { return finish(folder, interpreter.version); })) {
    co_return fail(Code::internal, "cannot keep an environment");
  }
  co_return Result<void>{};
}

Task<Result<void>> Environments::run(std::vector<std::string> argv, const Wish& wish,
                                     const Interpreter& interpreter, const fs::path& folder,
                                     const fs::path& directory, const Log& log, Deadline deadline) {
  processes::Command command;
  command.argv = std::move(argv);
  command.environment = variables_for(folder);
  command.directory = directory;
  command.readable = readable_for(interpreter.program);
  command.readable.push_back(wish.tree);
  for (const auto name : {"PIP_FIND_LINKS", "PIP_CONFIG_FILE", "PIP_CERT", "SSL_CERT_FILE"}) {
    std::error_code error;
    const fs::path path{variable(name)};
    if (path.is_absolute() && fs::exists(path, error)) command.readable.push_back(path);
  }
  // uv, wherever it is; the environment's own programs lie in what is writable.
  const std::string program = command.argv.front();
  const bool own = program.starts_with(folder.string() + '/');
  if (!own && !program.starts_with("/usr/")) {
    command.readable.push_back(fs::path{program}.parent_path());
  }
  command.writable = {folder};
  command.bounds.memory_bytes_max = build_memory_bytes_max;
  command.bounds.file_bytes_max = build_file_bytes_max;
  const auto sink = [log](processes::Stream, std::string_view line) { log(line); };
  CO_TRY(const auto child, co_await options_.supervisor->spawn(std::move(command), sink));
  const auto exit = co_await child->wait(deadline);
  if (!exit) {
    child->kill();
    co_return fail(Code::timeout, fmt::format("installing packages took longer than {} minutes",
                                              build_within.count()));
  }
  if (exit->why == processes::Exit::Why::exited && exit->code == 0) co_return Result<void>{};
  co_return fail(Code::invalid, reason_of(*exit));
}

std::vector<std::pair<std::string, std::string>> Environments::variables_for(
    const fs::path& folder) const {
  const std::string scratch = folder / "scratch";
  std::vector<std::pair<std::string, std::string>> all{
      {"PATH", std::string{folder / "bin"} + ":/usr/local/bin:/usr/bin:/bin"},
      {"HOME", scratch},
      {"TMPDIR", scratch},
      {"LANG", "C.UTF-8"},
      {"PIP_DISABLE_PIP_VERSION_CHECK", "1"},
      {"PIP_NO_CACHE_DIR", "1"},
      {"PIP_PROGRESS_BAR", "off"},
      {"PIP_ROOT_USER_ACTION", "ignore"},
      {"UV_NO_CACHE", "1"},
      {"UV_NO_PROGRESS", "1"}};
  // uv does not read pip's variables; the settings are the same.
  const std::array<std::pair<std::string_view, std::string_view>, 3> same{
      {{"PIP_INDEX_URL", "UV_DEFAULT_INDEX"},
       {"PIP_EXTRA_INDEX_URL", "UV_INDEX"},
       {"PIP_FIND_LINKS", "UV_FIND_LINKS"}}};
  for (const auto& [pip, uv] : same) {
    if (!variable(pip).empty() && variable(uv).empty()) all.emplace_back(uv, variable(pip));
  }
  for (const auto& [name, value] : options_.variables) {
    if (is_for_builds(name)) all.emplace_back(name, value);
  }
  return all;
}

}  // namespace toolgate::runtimes
