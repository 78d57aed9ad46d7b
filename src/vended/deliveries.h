// Where records go beside the gateway's own group: the deliveries that PutDeliverySource,
// PutDeliveryDestination and CreateDelivery have made, read from the store when they change.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "journal/event.h"
#include "store/store.h"

namespace toolgate::vended {

struct Delivery {
  enum class Kind : unsigned char { log_group, bucket, stream };
  Kind kind = Kind::log_group;
  std::string id;
  std::string account;  // of the delivery
  std::string region;
  std::string gateway_id;
  journal::GroupKey group;          // log_group
  std::string bucket;               // bucket
  std::string prefix;               // of the destination's ARN, without slashes at its ends
  std::string suffix;               // s3DeliveryConfiguration.suffixPath
  bool hive = false;                // year=2026/month=11/…
  std::string stream;               // Firehose's name of it
  std::vector<std::string> fields;  // recordFields; empty: all
};
using DeliveryRef = std::shared_ptr<const Delivery>;

class Deliveries {
 public:
  explicit Deliveries(store::Store& store) : store_{store} {}

  // Those of a gateway, by its ARN.
  using Table = std::map<std::string, std::vector<DeliveryRef>, std::less<>>;
  // Any thread. Never null.
  [[nodiscard]] std::shared_ptr<const Table> table() const {
    const std::scoped_lock lock{mutex_};
    return table_;
  }

  // To be told of each commit before it is acknowledged. True when it touches a delivery: then
  // reload() should run. Any thread, brief.
  bool concerns(const std::vector<store::Change>& changes);
  // Reads the store anew.
  Task<Result<void>> reload();
  // Whether the table shows every change that was acknowledged.
  [[nodiscard]] bool is_fresh() const { return as_of_ >= wanted_; }

 private:
  store::Store& store_;
  std::atomic<std::uint64_t> wanted_ = 0;  // counts changes
  std::atomic<std::uint64_t> as_of_ = 0;   // those that the table shows
  mutable std::mutex mutex_;
  std::shared_ptr<const Table> table_ = std::make_shared<const Table>();
};

}  // namespace toolgate::vended
