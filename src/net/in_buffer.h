// What a connection has received and not yet given up. The bytes stay where they are until the
// buffer grows or drops some; views into it live that long.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

#include "base/limits.h"

namespace toolgate::net {

class InBuffer {
 public:
  explicit InBuffer(std::size_t capacity = limits::http_read_bytes) { allocate(capacity); }

  [[nodiscard]] std::string_view bytes() const { return {data_.get(), size_}; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  // Where to read into; limits::json_padding_bytes more can be read behind it.
  [[nodiscard]] std::span<char> room() { return {data_.get() + size_, capacity_ - size_}; }
  void came(std::size_t bytes) { size_ += bytes; }

  // Moves the bytes.
  void grow(std::size_t capacity) {
    const auto old = std::move(data_);
    allocate(capacity);
    std::memcpy(data_.get(), old.get(), size_);
  }
  void cut(std::size_t size) { size_ = size; }
  // Moves the rest to the front, and lets go of memory that a large message has needed.
  void drop_front(std::size_t bytes) {
    size_ -= bytes;
    if (size_ > 0) std::memmove(data_.get(), data_.get() + bytes, size_);
    if (capacity_ > limits::http_read_bytes && size_ <= limits::http_read_bytes) {
      grow(limits::http_read_bytes);
    }
  }

 private:
  void allocate(std::size_t capacity) {
    data_ = std::make_unique_for_overwrite<char[]>(capacity + limits::json_padding_bytes);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> data_;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;
};

}  // namespace toolgate::net
