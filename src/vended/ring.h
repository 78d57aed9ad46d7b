// A bounded queue of byte strings from one thread to one other, without a lock: what does not fit
// is not taken, and nobody waits.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace toolgate::vended {

class Ring {
 public:
  // `bytes`: a power of two. Memory is taken when something is first pushed.
  explicit Ring(std::size_t bytes) : mask_{bytes - 1} {}

  // The producer's thread: room for `size` bytes, to be filled before push(), or null: full.
  char* prepare(std::size_t size);
  void push();

  // The consumer's thread: the oldest, valid until pop(); nothing when there is none.
  std::optional<std::string_view> front();
  void pop();
  [[nodiscard]] bool empty() const {
    return head_.load(std::memory_order_acquire) == tail_.load(std::memory_order_relaxed);
  }

 private:
  // Before each string its size. A size of `skip` leads to the ring's beginning: a string is whole.
  using Size = std::uint32_t;
  static constexpr Size skip = ~Size{0};
  static constexpr std::size_t alignment = 8;
  static std::size_t footprint(std::size_t size) {
    return (sizeof(Size) + size + alignment - 1) / alignment * alignment;
  }
  [[nodiscard]] char* at(std::uint64_t position) { return bytes_.get() + (position & mask_); }

  const std::size_t mask_;
  std::unique_ptr<char[]> bytes_;
  // Positions only grow; the producer writes head_, the consumer tail_.
  alignas(64) std::atomic<std::uint64_t> head_ = 0;
  std::uint64_t next_ = 0;       // the head after push()
  std::uint64_t seen_tail_ = 0;  // the producer's last look
  alignas(64) std::atomic<std::uint64_t> tail_ = 0;
  std::uint64_t after_front_ = 0;
};

}  // namespace toolgate::vended
