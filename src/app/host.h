// All objects of a running server, in the order in which they need one another.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "app/config.h"
#include "base/result.h"
#include "base/task.h"
#include "processes/processes.h"

namespace toolgate::app {

class Host {
 public:
  // Opens, builds, listens and begins to answer. Fails with what could not be done and why.
  static Result<std::unique_ptr<Host>> start(const Config& config, processes::Helper helper);
  ~Host();

  // What a start leaves for when the first requests are answered. Blocks for 100 ms and more. From
  // the main thread, once.
  void settle();

  // Lets requests end until the deadline, or until `hurry` is requested. From the main thread.
  void stop(Deadline drain_until, const std::stop_token& hurry);

  // Takes up what of `config` can change while we run: the certificates, and the files behind them.
  // On failure nothing has changed. From the main thread.
  Result<void> reload(const Config& config);

  [[nodiscard]] std::string listen_url() const;  // "http://127.0.0.1:7878"
  [[nodiscard]] std::string base_url() const;    // --public-url, else listen_url
  [[nodiscard]] std::string admin_url() const;   // empty without --admin-listen
  [[nodiscard]] std::string tls_url() const;     // empty with --tls-listen off

 private:
  Host();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace toolgate::app
