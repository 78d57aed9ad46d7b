// `toolgate serve`: opens what is kept, builds the rooms' objects bottom to top, listens, and waits
// for a signal. They die in reverse order.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <thread>

#include <fmt/format.h>

#include "app/commands.h"
#include "app/host.h"
#include "base/log.h"
#include "json/json.h"
#include "store/data_dir.h"

namespace toolgate::app {
namespace {

constexpr auto drain_for = std::chrono::seconds{10};

int complain(const Error& error) {
  std::fprintf(stderr, "toolgate: %s%s%s\n", error.message.c_str(),
               error.detail.empty() ? "" : ": ", error.detail.c_str());
  return 1;
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
  return line;
}

}  // namespace

int serve(const CommandLine& command_line) {
  const Config& config = command_line.config;
  if (!log::set_level(config.log_level)) {
    return complain({.code = Code::invalid,
                     .message = "--log-level: expected debug, info, warn, error or off"});
  }
  sigset_t signals = block_signals();
  auto directory = store::DataDirectory::open(config.data_dir);
  if (!directory) return complain(directory.error());
  log::start();
  auto host = Host::start(config);
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
  log::info("ready url={} data_dir={} iam={}", (*host)->base_url(), config.data_dir, config.iam);

  for (;;) {
    int signal = 0;
    sigwait(&signals, &signal);
    if (signal != SIGHUP) break;
    log::info("SIGHUP: nothing to reload");
  }
  log::info("stopping");
  (*host)->stop(within(drain_for));
  host->reset();
  log::info("stopped");
  log::stop();
  return 0;
}

}  // namespace toolgate::app
