// Names a text under a model: the key of its vector.
#pragma once

#include <array>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>

#include "crypto/hash.h"

namespace toolgate::search {

// The first half of a SHA-256: no two texts of ours share it.
using TextId = std::array<char, 16>;

[[nodiscard]] inline TextId text_id(std::string_view model, std::string_view text) {
  std::string bytes{model};
  bytes += '\0';
  bytes += text;
  const std::string hash = crypto::sha256(bytes);
  TextId id{};
  std::memcpy(id.data(), hash.data(), id.size());
  return id;
}

struct TextIdHash {
  std::size_t operator()(const TextId& id) const noexcept {
    std::size_t value = 0;  // the bytes are a hash already
    std::memcpy(&value, id.data(), sizeof value);
    return value;
  }
};

}  // namespace toolgate::search
