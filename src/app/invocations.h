// What logs the invocations of gateways, put together.
#pragma once

#include <memory>
#include <stop_token>

#include "app/config.h"
#include "app/keeper.h"
#include "base/result.h"
#include "base/task.h"
#include "journal/journal.h"
#include "net/server.h"
#include "vended/invocation_log.h"
#include "vended/parcels.h"

namespace toolgate::app {

class Invocations {
 public:
  // All outlive the object.
  struct Parts {
    const Config& config;
    net::Server& server;
    journal::Journal& journal;
    Keeper& keeper;
  };
  // Null when the settings say that invocations are not logged. Fails when the store cannot be
  // read.
  static Result<std::unique_ptr<Invocations>> make(Parts parts);

  [[nodiscard]] vended::InvocationLog& log() { return *log_; }
  // Sends what waits for buckets and streams. Before the I/O threads end.
  void hurry(Deadline deadline, const std::stop_token& give_up) {
    parcels_->hurry(deadline, give_up);
  }
  [[nodiscard]] vended::Deliveries& deliveries() { return *deliveries_; }

 private:
  Invocations() = default;
  std::unique_ptr<vended::Deliveries> deliveries_;
  std::unique_ptr<vended::Parcels> parcels_;
  std::unique_ptr<vended::InvocationLog> log_;
};

}  // namespace toolgate::app
