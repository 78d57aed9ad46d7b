#include "net/upstream.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "base/limits.h"
#include "base/result.h"
#include "net/connector.h"

namespace toolgate::net {
namespace {

// How often a long exchange looks whether anybody waits for it.
constexpr auto look_after_caller = std::chrono::seconds{1};
constexpr auto idle_time = std::chrono::seconds{60};
// Of all origins of a thread.
constexpr std::size_t idle_count_max = 2'048;
constexpr std::size_t origins_count_max = 1'024;
constexpr int trusted_answers_count = 8;
constexpr auto trusted_idle_time = std::chrono::milliseconds{100};  // two turns of the ticker
constexpr std::size_t kept_buffer_bytes_max = 64 * 1024;

std::shared_ptr<std::string> make_buffer(std::size_t bytes) {
  auto buffer = std::make_shared<std::string>();
  buffer->resize_and_overwrite(bytes + limits::json_padding_bytes,
                               [](char*, std::size_t n) { return n; });
  return buffer;
}

}  // namespace

std::span<char> Upstream::room() {
  return std::span{*buffer}.subspan(filled, buffer->size() - limits::json_padding_bytes - filled);
}

void Upstream::renew_buffer() {
  filled = 0;
  if (buffer && buffer.use_count() == 1 && buffer->size() <= kept_buffer_bytes_max) {
    // The last other owner may have been on another thread.
    std::atomic_thread_fence(std::memory_order_acquire);
    return;
  }
  buffer = make_buffer(limits::http_read_bytes);
}

void Upstream::grow_buffer(std::size_t bytes) {
  auto larger = make_buffer(bytes);
  std::memcpy(larger->data(), buffer->data(), filled);
  buffer = std::move(larger);
}

void Upstream::on_deadline() {
  if (idle_in_ != nullptr) {
    idle_in_->remove(*this);  // and with it this
    return;
  }
  abandoned_ = caller_ && caller_->gone();
  if (!abandoned_ && ticker_.now() < until_) {
    next_look_ = ticker_.now() + look_after_caller;
    give_until(until_);
    return;
  }
  given_up_ = true;
  channel.close();
}

void Upstream::work_for(std::shared_ptr<const Caller> caller) {
  caller_ = std::move(caller);
  if (caller_) next_look_ = ticker_.now() + look_after_caller;
}

void Upstream::give_until(Deadline deadline) {
  until_ = deadline;
  ticker_.set(*this, caller_ ? std::min(deadline, next_look_) : deadline);
}

std::unexpected<Error> Upstream::why_given_up(std::string_view step, std::string_view late,
                                              const Url& url) const {
  if (abandoned_) return step_failed(Code::cancelled, step, "the client has gone", url);
  return step_failed(Code::timeout, step, late, url);
}

std::unique_ptr<Upstream> UpstreamPool::take(const Url& url) {
  const auto found = idle_.find(url);
  if (found == idle_.end()) return nullptr;
  while (!found->second.empty()) {
    auto upstream = std::move(found->second.back());
    found->second.pop_back();
    --idle_count_;
    upstream->idle_in_ = nullptr;
    upstream->give_all_time();
    // The look costs a system call. It is spared when the connection is proven and was in use a
    // moment ago: who closes after some requests says so in the last answer.
    const bool trusted = upstream->answers_ >= trusted_answers_count &&
                         ticker_.now() - upstream->idle_since_ < trusted_idle_time;
    if (trusted || !upstream->channel.stale()) return upstream;
  }
  return nullptr;
}

void UpstreamPool::give_back(std::unique_ptr<Upstream> upstream) {
  upstream->work_for(nullptr);
  if (closed_ || !upstream->channel.is_open() || idle_count_ >= idle_count_max) return;
  auto found = idle_.find(upstream->origin_);
  if (found == idle_.end()) {
    if (idle_.size() >= origins_count_max) {
      std::erase_if(idle_, [](const auto& entry) { return entry.second.empty(); });
    }
    found = idle_.try_emplace(upstream->origin_).first;
  }
  if (found->second.size() >= idle_per_origin_max_) return;
  upstream->idle_in_ = this;
  upstream->idle_since_ = ticker_.now();
  ++upstream->answers_;
  ticker_.set(*upstream, ticker_.now() + idle_time);
  found->second.push_back(std::move(upstream));
  ++idle_count_;
}

void UpstreamPool::remove(Upstream& upstream) {
  const auto found = idle_.find(upstream.origin_);
  ASSERT(found != idle_.end());
  const auto erased = std::erase_if(
      found->second, [&](const auto& candidate) { return candidate.get() == &upstream; });
  ASSERT(erased == 1);
  --idle_count_;
  if (found->second.empty()) idle_.erase(found);
}

void UpstreamPool::close() {
  closed_ = true;
  idle_.clear();
  idle_count_ = 0;
}

}  // namespace toolgate::net
