// The printed definitions of a target's tools, joined by commas: a page of tools/list is a slice of
// them. Of a hundred thousand tools they would be the largest part of the server's memory, and most
// of them are read once: they are kept compressed, in blocks small enough to unpack one for one
// tool.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace toolgate::gateway {

// Filled, then only read: by any thread.
class Definitions {
 public:
  // Where one stands in the text.
  struct Place {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
  };
  // Unpacks for one reader, a block at a time, and knows its last one. What it reads from outlives
  // it.
  class Reader;
  static constexpr std::size_t block_bytes = 8 * 1024;
  // Of all of them together.
  static constexpr std::size_t bytes_max = UINT32_MAX;

  // Not beyond bytes_max.
  Place add(std::string_view definition);
  // After the last one: gives back what adding needed.
  void close();

  [[nodiscard]] std::size_t size() const { return ends_.size() * block_bytes + open_.size(); }
  // What it takes.
  [[nodiscard]] std::size_t memory() const {
    return packed_.capacity() + ends_.capacity() * sizeof(std::uint32_t) + open_.capacity();
  }

 private:
  struct Free {
    void operator()(ZSTD_CCtx_s* context) const;
    void operator()(ZSTD_DCtx_s* context) const;
  };
  void pack_whole_blocks();

  std::string packed_;               // the whole blocks, one after the other
  std::vector<std::uint32_t> ends_;  // of each in packed_
  std::string open_;                 // what comes after them, as it is
  std::unique_ptr<ZSTD_CCtx_s, Free> packer_;
};

class Definitions::Reader {
 public:
  void append_to(std::string& out, const Definitions& from, Place place);

 private:
  // The block's text, until the next call.
  std::string_view unpack(const Definitions& from, std::size_t block);

  std::unique_ptr<ZSTD_DCtx_s, Free> context_;
  std::string text_;
  const Definitions* last_from_ = nullptr;
  std::size_t last_block_ = 0;
};

}  // namespace toolgate::gateway
