#include "vended/ring.h"

#include <cstring>

namespace toolgate::vended {

char* Ring::prepare(std::size_t size) {
  if (!bytes_) bytes_ = std::make_unique_for_overwrite<char[]>(mask_ + 1);
  const std::size_t needed = footprint(size);
  std::uint64_t head = head_.load(std::memory_order_relaxed);
  const std::size_t to_end = mask_ + 1 - (head & mask_);
  const std::size_t skipped = needed > to_end ? to_end : 0;
  if (needed > mask_ + 1) return nullptr;
  const auto fits = [&] { return head + skipped + needed - seen_tail_ <= mask_ + 1; };
  if (!fits()) {
    seen_tail_ = tail_.load(std::memory_order_acquire);
    if (!fits()) return nullptr;
  }
  if (skipped > 0) {
    std::memcpy(at(head), &skip, sizeof(skip));
    head += skipped;
  }
  const auto stored = static_cast<Size>(size);
  std::memcpy(at(head), &stored, sizeof(stored));
  next_ = head + needed;
  return at(head) + sizeof(stored);
}

void Ring::push() { head_.store(next_, std::memory_order_release); }

std::optional<std::string_view> Ring::front() {
  std::uint64_t tail = tail_.load(std::memory_order_relaxed);
  if (head_.load(std::memory_order_acquire) == tail) return std::nullopt;
  Size size = 0;
  std::memcpy(&size, at(tail), sizeof(size));
  if (size == skip) {
    tail += mask_ + 1 - (tail & mask_);
    std::memcpy(&size, at(tail), sizeof(size));
  }
  after_front_ = tail + footprint(size);
  return std::string_view{at(tail) + sizeof(size), size};
}

void Ring::pop() { tail_.store(after_front_, std::memory_order_release); }

}  // namespace toolgate::vended
