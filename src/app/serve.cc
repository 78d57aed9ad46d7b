// `toolgate serve`: opens what is kept, builds the rooms' objects bottom to top, listens, and waits
// for a signal. They die in reverse order.
#include <malloc.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <sys/resource.h>

#include "app/code_pages.h"
#include "app/commands.h"
#include "app/host.h"
#include "base/log.h"
#include "base/text.h"
#include "json/json.h"
#include "processes/processes.h"
#include "store/data_dir.h"

namespace toolgate::app {
namespace {

constexpr auto drain_for = std::chrono::seconds{10};

// A first request comes right behind the line that says ready: what can wait does, for so long.
constexpr timespec settle_after{.tv_sec = 0, .tv_nsec = 250'000'000};

int complain(const Error& error) {
  std::fprintf(stderr, "toolgate: %s%s%s\n", error.message.c_str(),
               error.detail.empty() ? "" : ": ", error.detail.c_str());
  return exit_code_of(error);
}

// The tables of large catalogues are mappings of their own, so that a replaced one leaves no hole
// behind; glibc's own bound grows with what is freed, up to 32 MB.
void keep_large_blocks_apart() {
  constexpr int megabyte = 1024 * 1024;
  ::mallopt(M_MMAP_THRESHOLD, megabyte);
  ::mallopt(M_TRIM_THRESHOLD, 2 * megabyte);
}

// A connection is a descriptor, and shells give 1,024 of them; the hard limit is what we may have
// (nothing here uses select, for which the soft one is so low).
void raise_open_files() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

// Blocked before the first thread, so that only the main thread takes them.
sigset_t block_signals() {
  std::signal(SIGPIPE, SIG_IGN);  // a write to a reset peer is an error, not the end
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

JsonObject announcement(const Config& config, const Host& host) {
  JsonObject line{
      {"listen", host.listen_url()}, {"url", host.base_url()},  {"pid", getpid()},
      {"version", version_text},     {"region", config.region}, {"account", config.account},
      {"data_dir", config.data_dir}};
  if (!host.admin_url().empty()) line["admin"] = host.admin_url();
  if (!host.tls_url().empty()) line["tls"] = host.tls_url();
  return line;
}

// What starting needed for a moment is not to count as ours for ever.
void settle(Host& host) {
  host.settle();
  ::malloc_trim(0);
  give_back_code_pages();
}

// The settings as they are said now; nothing, having said why, when they are no settings.
std::optional<Config> read_again(const CommandLine& command_line) {
  std::vector<std::string> words = command_line.words;
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  auto parsed = parse_command_line(static_cast<int>(pointers.size()), pointers.data());
  if (parsed.exit_code >= 0) return std::nullopt;
  return std::move(parsed.command_line.config);
}

// SIGHUP: what can change while we run changes; what cannot is named. `config` is what holds.
void reload(const CommandLine& command_line, Config& config, Host& host) {
  const auto fresh = read_again(command_line);
  if (!fresh) {
    log::error("SIGHUP: the settings cannot be read; nothing is reloaded");
    return;
  }
  Config next = config;
  next.log_level = fresh->log_level;
  next.tls_cert = fresh->tls_cert;
  next.tls_key = fresh->tls_key;
  if (const auto done = host.reload(next); !done) {
    log::error("SIGHUP: nothing is reloaded: {}", done.error().message);
    return;
  }
  if (!log::set_level(next.log_level)) {
    log::error("SIGHUP: --log-level: expected debug, info, warn, error or off");
    next.log_level = config.log_level;
  }
  const auto taken = differences(config, next);
  log::info("SIGHUP: reloaded: certificates, trusted roots; changed: {}",
            taken.empty() ? "no setting" : join(taken, ", "));
  config = next;
  if (const auto left = differences(*fresh, config); !left.empty()) {
    log::warn("SIGHUP: changed, but taken up only by a new start: {}", join(left, ", "));
  }
}

// A second SIGTERM or SIGINT while requests end: nobody wants to wait for them.
class SecondSignal {
 public:
  ~SecondSignal() {
    over_ = true;
    ::pthread_kill(thread_.native_handle(), SIGTERM);
    thread_.join();
  }
  [[nodiscard]] std::stop_token token() const { return hurry_.get_token(); }

 private:
  void wait() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT}) sigaddset(&signals, signal);
    int signal = 0;
    ::sigwait(&signals, &signal);
    if (over_) return;
    log::warn("stopping at once, at a second signal: requests that have not ended are cut off");
    hurry_.request_stop();
  }

  std::atomic<bool> over_ = false;
  std::stop_source hurry_;
  std::thread thread_{[this] { wait(); }};
};

}  // namespace

int serve(const CommandLine& command_line) {
  Config config = command_line.config;
  if (!log::set_level(config.log_level)) {
    return complain({.code = Code::invalid,
                     .message = "--log-level: expected debug, info, warn, error or off"});
  }
  keep_large_blocks_apart();
  raise_open_files();
  sigset_t signals = block_signals();
  processes::forbid_inspection();
  // Before the first thread, and before anything secret is read.
  auto helper = processes::Helper::launch();
  if (!helper) return complain(helper.error());
  auto directory = store::DataDirectory::open(config.data_dir);
  if (!directory) return complain(directory.error());
  log::start();
  auto host = Host::start(config, *std::move(helper));
  if (!host) {
    log::stop();
    return complain(host.error());
  }
  const JsonObject line = announcement(config, **host);
  // `env` and `key` need the master key's place too; the file is ours alone.
  JsonObject kept = line;
  kept["master_key"] = std::filesystem::absolute(config.master_key).string();
  if (const auto written = directory->write_server(kept); !written) {
    log::stop();
    return complain(written.error());
  }
  std::printf("%s\n", json::print(line).c_str());
  std::fflush(stdout);
  log::info("ready url={} tls={} data_dir={} iam={}", (*host)->base_url(), (*host)->tls_url(),
            config.data_dir, config.iam);

  bool settled = false;
  for (;;) {
    const int signal = ::sigtimedwait(&signals, nullptr, settled ? nullptr : &settle_after);
    if (signal < 0 && errno == EINTR) continue;
    if (signal < 0) {
      settle(**host);
      settled = true;
    } else if (signal == SIGHUP) {
      reload(command_line, config, **host);
    } else {
      break;
    }
  }
  log::info("stopping");
  {
    SecondSignal second;
    (*host)->stop(within(drain_for), second.token());
    host->reset();
  }
  log::info("stopped");
  log::stop();
  return 0;
}

}  // namespace toolgate::app
