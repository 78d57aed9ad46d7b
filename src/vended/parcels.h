// Carries records to buckets and to Firehose streams: gathered by size and time, sent by an I/O
// thread, tried again a few times, and dropped and counted when that does not help.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/task.h"
#include "crypto/sigv4.h"
#include "net/http.h"
#include "net/worker.h"
#include "vended/invocation_log.h"
#include "vended/parcel.h"

namespace toolgate::vended {

class Parcels final : public Carrier {
 public:
  struct Options {
    net::Worker* worker = nullptr;  // sends
    const Clock* clock = nullptr;
    // Who signs a delivery's requests: someone who may do that `action` to that `resource`, and
    // nothing else where we say so. Called on the worker's thread.
    struct Signed {
      const Delivery& delivery;
      std::string_view service;  // "s3"
      std::string_view action;   // "s3:PutObject"
      std::string resource;      // an ARN, with wildcards
    };
    std::function<crypto::SigningKey(const Signed&)> signer;
    // Where a service is reached (--aws-endpoint); a path is %-encoded. Called on the worker's
    // thread.
    std::function<Result<net::Url>(std::string_view service, std::string_view region,
                                   std::string_view path)>
        url_of;
    std::chrono::milliseconds every{60'000};
    std::size_t parcel_bytes_max = 4 * 1024 * 1024;
    // Of everything that waits or is under way.
    std::size_t waiting_bytes_max = 32 * 1024 * 1024;
  };
  explicit Parcels(Options options) : state_{std::make_shared<State>(std::move(options))} {}

  // Carrier: on the log's thread.
  bool take(const DeliveryRef& delivery, std::int64_t at, std::string line) override;
  void tick() override;

  // From outside the log's and the I/O threads: sends what waits and returns when all is there,
  // at the deadline, or when `give_up` is requested.
  void hurry(std::chrono::steady_clock::time_point deadline, const std::stop_token& give_up = {});

  [[nodiscard]] std::uint64_t lost() const override { return state_->lost; }

 private:
  struct State {
    explicit State(Options given) : options{std::move(given)} {}
    const Options options;
    std::atomic<std::size_t> waiting_bytes = 0;
    std::atomic<std::uint64_t> lost = 0;
  };
  struct Open {
    Parcel parcel;
    std::chrono::steady_clock::time_point since;
  };

  void send(Parcel parcel);
  static Task<void> carry(std::shared_ptr<State> state, Parcel parcel);
  static Task<Result<void>> put(const State& state, const Parcel& parcel);

  std::shared_ptr<State> state_;
  std::map<std::string, Open> open_;  // by delivery
  std::atomic<bool> hurrying_ = false;
};

}  // namespace toolgate::vended
