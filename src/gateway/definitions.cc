#include "gateway/definitions.h"

#include <zstd.h>

#include <algorithm>

#include "base/result.h"

namespace toolgate::gateway {
namespace {

// Beyond it little is gained, and a server with many tools starts later.
constexpr int level = 3;

}  // namespace

void Definitions::Free::operator()(ZSTD_CCtx_s* context) const { ZSTD_freeCCtx(context); }
void Definitions::Free::operator()(ZSTD_DCtx_s* context) const { ZSTD_freeDCtx(context); }

Definitions::Place Definitions::add(std::string_view definition) {
  if (size() > 0) open_ += ',';
  const std::size_t begin = size();
  ASSERT(begin + definition.size() <= bytes_max);
  open_ += definition;
  const std::size_t end = size();
  pack_whole_blocks();
  return {.begin = static_cast<std::uint32_t>(begin), .end = static_cast<std::uint32_t>(end)};
}

void Definitions::pack_whole_blocks() {
  const std::size_t blocks = open_.size() / block_bytes;
  if (blocks == 0) return;
  if (!packer_) packer_.reset(ZSTD_createCCtx());
  ASSERT(packer_ != nullptr);
  for (std::size_t i = 0; i < blocks; ++i) {
    const std::size_t begin = packed_.size();
    packed_.resize(begin + ZSTD_compressBound(block_bytes));
    const std::size_t size =
        ZSTD_compressCCtx(packer_.get(), packed_.data() + begin, packed_.size() - begin,
                          open_.data() + i * block_bytes, block_bytes, level);
    ASSERT(ZSTD_isError(size) == 0);
    packed_.resize(begin + size);
    ASSERT(packed_.size() <= bytes_max);
    ends_.push_back(static_cast<std::uint32_t>(packed_.size()));
  }
  open_.erase(0, blocks * block_bytes);
}

void Definitions::close() {
  packer_.reset();
  packed_.shrink_to_fit();
  ends_.shrink_to_fit();
  open_.shrink_to_fit();
}

void Definitions::Reader::append_to(std::string& out, const Definitions& from, Place place) {
  const std::size_t packed = from.ends_.size() * block_bytes;
  std::size_t at = place.begin;
  while (at < std::min<std::size_t>(place.end, packed)) {
    const std::size_t block = at / block_bytes;
    const std::size_t end = std::min<std::size_t>(place.end, (block + 1) * block_bytes);
    out += unpack(from, block).substr(at - block * block_bytes, end - at);
    at = end;
  }
  if (at < place.end) out.append(from.open_, at - packed, place.end - at);
}

std::string_view Definitions::Reader::unpack(const Definitions& from, std::size_t block) {
  if (last_from_ == &from && last_block_ == block) return text_;
  if (!context_) context_.reset(ZSTD_createDCtx());
  ASSERT(context_ != nullptr);
  text_.resize(block_bytes);
  const std::size_t begin = block == 0 ? 0 : from.ends_[block - 1];
  const std::size_t size =
      ZSTD_decompressDCtx(context_.get(), text_.data(), text_.size(), from.packed_.data() + begin,
                          from.ends_[block] - begin);
  ASSERT(size == block_bytes);
  last_from_ = &from;
  last_block_ = block;
  return text_;
}

}  // namespace toolgate::gateway
