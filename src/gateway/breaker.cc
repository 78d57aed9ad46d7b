#include "gateway/breaker.h"

#include <algorithm>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/clock.h"
#include "targets/target.h"

namespace toolgate::gateway {
namespace {

// Of a failure's message, for the next callers.
constexpr std::size_t kept_bytes_max = 1'000;

// net::Client's word for the step in which an exchange broke off.
bool broke_off(const Error& error) {
  return error.code == Code::upstream &&
         (error.name == "TLS" || error.name == "send" || error.name == "read");
}

std::string_view reason_of(const Error& error) {
  if (error.name == targets::server_error_name) return "it answered with a server error (5xx)";
  if (error.code == Code::timeout) return "it did not answer in time";
  if (error.code == Code::unavailable) return "it could not be reached";
  return "its answers broke off";
}

std::string printed(Deadline then, Deadline now) {
  const auto wall = std::chrono::system_clock::now() -
                    std::chrono::duration_cast<std::chrono::system_clock::duration>(now - then);
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(wall)));
}

}  // namespace

bool is_outage(const Error& error) {
  return error.name == targets::server_error_name || error.code == Code::unavailable ||
         error.code == Code::timeout || broke_off(error);
}

Result<void> Breaker::admit(std::string_view name, Deadline now) {
  const std::scoped_lock lock{mutex_};
  if (!open_) return {};
  if (now >= try_at_) {
    // This one tries; if it does not come to an end, the next one may after as long again.
    probing_ = true;
    try_at_ = now + back_off_;
    return {};
  }
  const auto left = std::chrono::ceil<std::chrono::seconds>(try_at_ - now).count();
  auto refusal =
      fail(Code::unavailable,
           fmt::format("Target {} was not called: its last {} calls failed, since {}; {}. It is "
                       "tried again in {} s.",
                       name, row_, printed(since_, now), why_, left),
           last_);
  refusal.error().name = circuit_open_name;
  return refusal;
}

bool Breaker::failed(const Error& error, const Settings& settings, Deadline now) {
  if (settings.failures == 0) return false;
  const std::scoped_lock lock{mutex_};
  if (row_ == 0) since_ = now;
  ++row_;
  troubled_.store(true, std::memory_order_relaxed);
  why_ = reason_of(error);
  last_ = error.message.substr(0, kept_bytes_max);
  if (open_) {
    // Calls that were under way when the way was closed say nothing new.
    if (probing_) {
      back_off_ = std::min<std::chrono::milliseconds>(
          back_off_ * 2, std::chrono::seconds{settings.longest_seconds});
      try_at_ = now + back_off_;
      probing_ = false;
    }
    return false;
  }
  if (row_ < settings.failures) return false;
  open_ = true;
  back_off_ = settings.first;
  try_at_ = now + back_off_;
  return true;
}

bool Breaker::answered() {
  const std::scoped_lock lock{mutex_};
  row_ = 0;
  probing_ = false;
  last_.clear();
  troubled_.store(false, std::memory_order_relaxed);
  return std::exchange(open_, false);
}

}  // namespace toolgate::gateway
