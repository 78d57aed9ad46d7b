#include "functions/runner.h"

#include <unistd.h>

#include <algorithm>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/ids.h"
#include "base/log.h"
#include "functions/bootstraps.h"
#include "runtimes/archive.h"

namespace toolgate::functions {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

// "The deployment package … unzipped: 250 MB, including layers" (Lambda quotas).
constexpr std::uint64_t unpacked_bytes_max = 262'144'000;
constexpr std::size_t idle_count_max = 64;  // processes that wait for their next call
// A process's credentials outlive it.
constexpr auto credentials_for = Runner::lives_for + 6h;

Result<std::string> read_blob(store::Blobs& blobs, const store::BlobId& id) {
  TRY(const auto hold, blobs.hold({id}));
  TRY(const int descriptor, blobs.open_file(id));
  std::string bytes;
  std::string piece(1024 * 1024, '\0');
  for (;;) {
    const auto read = store::Blobs::read_at(descriptor, bytes.size(), piece.data(), piece.size());
    if (!read || *read == 0) {
      ::close(descriptor);
      if (!read) return std::unexpected(read.error());
      return bytes;
    }
    bytes.append(piece, 0, *read);
  }
}

// "127.0.0.1:7878/lambda-runtime/TOKEN"
std::string api_address(std::string_view endpoint, std::string_view token) {
  if (const auto scheme = endpoint.find("://"); scheme != std::string_view::npos) {
    endpoint.remove_prefix(scheme + 3);
  }
  return fmt::format("{}{}{}", endpoint, RuntimeApi::path_prefix, token);
}

}  // namespace

Runner::Runner(Options options)
    : options_{std::move(options)},
      trees_{options_.folder / "code"},
      slots_{
          std::make_shared<Slots>(Slots::Bounds{.running_count_max = options_.running_count_max,
                                                .waiting_count_max = options_.waiting_count_max})},
      api_{std::make_shared<RuntimeApi>()},
      packages_{std::make_shared<Packages>(options_.environments)} {}

Result<std::unique_ptr<Runner>> Runner::make(Options options) {
  ASSERT(options.machine.programs != nullptr);
  std::unique_ptr<Runner> runner{new Runner{std::move(options)}};
  std::error_code error;
  const fs::path& folder = runner->options_.folder;
  fs::remove_all(folder / "scratch", error);
  fs::create_directories(folder / "code", error);
  fs::create_directories(folder / "scratch", error);
  if (error) return fail(Code::unavailable, "cannot make " + folder.string());
  TRY_DO(write_bootstraps(folder / "bootstrap"));
  return runner;
}

Result<void> Runner::unpack(const std::string& digest, std::string_view archive) const {
  if (trees_.has(digest)) return {};
  TRY(const fs::path scratch, trees_.scratch());
  const auto done = runtimes::unzip(archive, scratch, {.unpacked_bytes_max = unpacked_bytes_max});
  std::error_code error;
  if (!done) {
    fs::remove_all(scratch, error);
    return std::unexpected(done.error());
  }
  // An archive made on Windows does not say what is executable.
  const fs::path bootstrap = scratch / "bootstrap";
  if (fs::is_regular_file(bootstrap, error)) fs::permissions(bootstrap, fs::perms{0755}, error);
  return trees_.keep(digest, scratch);
}

void Runner::sweep(const std::function<bool(std::string_view digest)>& in_use) const {
  trees_.sweep(in_use);
}

std::shared_ptr<CallLog> Runner::log_of(const Function& function, std::string stream,
                                        std::string mark) const {
  const journal::GroupKey group{.account = function.place.account,
                                .region = function.place.region,
                                .name = function.log_group};
  auto sink = [journal = options_.journal, clock = options_.clock, group,
               stream = std::move(stream)](std::string_view line) {
    journal->append(group, stream, clock->now(), line);
  };
  return std::make_shared<CallLog>(CallLog::Options{.sink = std::move(sink),
                                                    .mark = std::move(mark),
                                                    .form = function.log_form,
                                                    .clock = options_.clock});
}

std::shared_ptr<Environment> Runner::take_idle(const Function& function) {
  std::vector<std::shared_ptr<Environment>> gone;
  const std::scoped_lock lock{mutex_};
  Warm& warm = warm_[function.key()];
  if (warm.revision != function.revision) {
    gone = std::move(warm.idle);
    warm = {.revision = function.revision, .idle = {}};
  }
  while (!warm.idle.empty()) {
    auto last = std::move(warm.idle.back());
    warm.idle.pop_back();
    if (last->is_usable()) return last;
    gone.push_back(std::move(last));
  }
  for (const auto& one : gone) one->end();
  return nullptr;
}

void Runner::give_back(const std::shared_ptr<Environment>& environment) {
  const bool old = std::chrono::steady_clock::now() - environment->born_at > lives_for;
  const std::scoped_lock lock{mutex_};
  const auto found = warm_.find(environment->function().key());
  if (old || stopping_ || !environment->is_usable() || found == warm_.end() ||
      found->second.revision != environment->function().revision) {
    environment->end();
    api_->remove(environment->token());
    return;
  }
  found->second.idle.push_back(environment);
}

void Runner::renew(const std::string& key, const std::string& revision) {
  const std::scoped_lock lock{mutex_};
  const auto found = warm_.find(key);
  if (found == warm_.end() || found->second.revision == revision) return;
  for (const auto& one : found->second.idle) one->end();
  if (revision.empty()) {
    warm_.erase(found);
  } else {
    found->second = {.revision = revision, .idle = {}};
  }
}

void Runner::stop() {
  const std::scoped_lock lock{mutex_};
  stopping_ = true;
  for (auto& [key, warm] : warm_) {
    for (const auto& one : warm.idle) one->end();
  }
  warm_.clear();
}

void Runner::tidy() {
  const auto now = std::chrono::steady_clock::now();
  const std::scoped_lock lock{mutex_};
  std::size_t count = 0;
  for (auto& [key, warm] : warm_) {
    std::erase_if(warm.idle, [&](const auto& one) {
      if (one->is_usable() && now - one->used_at < idle_for && count++ < idle_count_max) {
        return false;
      }
      one->end();
      api_->remove(one->token());
      return true;
    });
  }
}

// The tree of the archive, which a crash or a hand may have removed.
Task<Result<void>> Runner::provide_code(const Function& function) {
  co_return co_await options_.offload->run([&]() -> Result<void> {
    if (trees_.has(function.digest)) return {};
    TRY(const std::string archive, read_blob(*options_.blobs, function.blob));
    return unpack(function.digest, archive);
  });
}

// The version that runs it; empty for what is no Python, or where there is none.
std::string Runner::python_of(std::string_view runtime) const {
  if (family_of(runtime) != Family::python) return {};
  const auto chosen = runtimes::choose_interpreter(options_.machine.programs->interpreters(),
                                                   runtime.substr(sizeof "python" - 1),
                                                   options_.machine.substitutes);
  return chosen ? chosen->version : std::string{};
}

Task<std::string> Runner::python_wanting_packages(std::string runtime, std::string digest) {
  co_return co_await options_.offload->run([&] {
    std::string python = python_of(runtime);
    if (!python.empty() && !wants_boto3(trees_.tree_of(digest))) python.clear();
    return python;
  });
}

Task<void> Runner::prepare(std::string runtime, std::string digest) {
  const std::string python = co_await python_wanting_packages(runtime, digest);
  if (!python.empty()) co_await packages_->prepare(python);
}

Task<fs::path> Runner::packages_of(const Function& function) {
  const std::string python = co_await python_wanting_packages(function.runtime, function.digest);
  if (python.empty()) co_return fs::path{};
  co_return co_await packages_->find(python);
}

Task<Result<std::shared_ptr<Environment>>> Runner::start(std::shared_ptr<const Function> function) {
  CO_TRY_DO(co_await provide_code(*function));
  CO_TRY(const auto role,
         co_await options_.role_session(function->place.account, function->role, function->name));
  const fs::path packages = co_await packages_of(*function);
  const std::string token = random_text(40, mixed_alphanumeric);
  const std::string stream = fmt::format(
      "{:%Y/%m/%d}/[{}]{}", std::chrono::floor<std::chrono::seconds>(options_.clock->now()),
      function->version, random_text(32, "0123456789abcdef"));
  const bool marks = family_of(function->runtime) != Family::provided;
  const std::string mark = marks ? "\x1e" + random_text(24, mixed_alphanumeric) + ":" : "";
  const fs::path scratch = options_.folder / "scratch" / token.substr(0, 16);
  auto log = log_of(*function, stream, mark);
  log->begin(function->runtime,
             fmt::format("arn:aws:lambda:{}::runtime:toolgate", function->place.region));
  auto environment = std::make_shared<Environment>(Environment::Options{.function = function,
                                                                        .log = log,
                                                                        .clock = options_.clock,
                                                                        .offload = options_.offload,
                                                                        .token = token,
                                                                        .prints_marks = marks,
                                                                        .scratch = scratch});
  const runtimes::AwsPlace aws = options_.aws();
  auto command = co_await options_.offload->run([&] {
    std::error_code error;
    fs::create_directories(scratch, error);
    return command_of({.function = *function,
                       .machine = options_.machine,
                       .tree = trees_.tree_of(function->digest),
                       .scratch = scratch,
                       .bootstraps = options_.folder / "bootstrap",
                       .packages = packages,
                       .runtime_api = api_address(aws.endpoint, token),
                       .aws = aws,
                       .log_stream = stream,
                       .mark = mark,
                       .credentials = options_.sessions->issue(
                           role, {}, options_.clock->now() + credentials_for)});
  });
  if (!command) {
    log->problem({}, command.error().message);
    co_return std::unexpected(command.error());
  }
  api_->add(environment);
  auto child = co_await options_.supervisor->spawn(*std::move(command), environment->output_sink());
  if (!child) {
    log->problem({}, child.error().message);
    api_->remove(token);
    co_return std::unexpected(child.error());
  }
  environment->adopt(*std::move(child));
  co_return environment;
}

// On an idle process, else on a new one. Nothing when the idle one was at its end.
Task<Result<std::optional<Outcome>>> Runner::run_on(std::shared_ptr<Environment> idle,
                                                    std::shared_ptr<const Function> function,
                                                    const Invocation& invocation,
                                                    Environment::Tail tail) {
  auto environment = std::move(idle);
  if (environment == nullptr) {
    auto started = co_await start(function);
    if (!started && started.error().code == Code::invalid) {
      co_return failure(
          "Runtime.InvalidEntrypoint",
          fmt::format("RequestId: {} Error: {}", invocation.request_id, started.error().message));
    }
    if (!started) {
      log::warn("function {}: {} {}", function->name, started.error().message,
                started.error().detail);
      co_return std::unexpected(started.error());
    }
    environment = *std::move(started);
    auto failed = co_await environment->initialise(invocation);
    if (failed) {
      api_->remove(environment->token());
      co_return *std::move(failed);
    }
  }
  auto outcome = co_await environment->invoke(invocation, tail);
  give_back(environment);
  co_return outcome;
}

Task<Result<Outcome>> Runner::invoke(std::shared_ptr<const Function> function,
                                     Invocation invocation, std::optional<std::size_t> limit,
                                     Environment::Tail tail) {
  CO_TRY(const auto slot,
         co_await slots_->take(function->arn, limit.value_or(options_.running_count_max),
                               within(waits_for)));
  for (;;) {
    auto idle = take_idle(*function);
    const bool fresh = idle == nullptr;
    CO_TRY(auto outcome, co_await run_on(std::move(idle), function, invocation, tail));
    if (outcome) co_return *std::move(outcome);
    // A new process that ends as soon as it has asked for work would do so each time.
    if (fresh) {
      co_return failure(
          "Runtime.ExitError",
          fmt::format("RequestId: {} Error: Runtime exited without providing a reason",
                      invocation.request_id));
    }
  }
}

}  // namespace toolgate::functions
