// One thread's memory of tokens it has looked at: a hit costs a tenth of a microsecond, the
// signature fifteen.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/limits.h"
#include "base/result.h"
#include "identity/principal.h"

namespace toolgate::identity {

// A configuration's fingerprint: what one authorizer let in says nothing about another.
using AuthorizerId = std::array<std::uint64_t, 2>;

struct TokenKey {
  AuthorizerId authorizer;
  std::string_view token;  // compared whole
};

// A table of fixed size. A token may stand in the four places of its row only, so that a look-up
// takes the same time whatever tokens an attacker sends; a full row gives up its first to end.
template <class Value>
class TokenTable {
 public:
  explicit TokenTable(std::size_t entries_max) : rows_((entries_max + ways - 1) / ways) {}

  [[nodiscard]] const Value* find(const TokenKey& key, Time now) const {
    for (const auto& entry : row_of(key)) {
      if (entry.token == key.token && entry.authorizer == key.authorizer) {
        return now < entry.until ? &entry.value : nullptr;
      }
    }
    return nullptr;
  }

  void keep(const TokenKey& key, Value value, Time until) {
    if (key.token.empty() || key.token.size() > token_bytes_max) return;
    auto& row = row_of(key);
    Entry* place = &row.front();
    for (auto& entry : row) {
      if (entry.token == key.token && entry.authorizer == key.authorizer) {
        place = &entry;
        break;
      }
      if (entry.until < place->until) place = &entry;
    }
    place->authorizer = key.authorizer;
    place->token = key.token;
    place->until = until;
    place->value = std::move(value);
  }

 private:
  static constexpr std::size_t ways = 4;
  // Longer tokens are verified each time: they would take the memory of many.
  static constexpr std::size_t token_bytes_max = 4096;

  struct Entry {
    AuthorizerId authorizer{};
    Time until{};
    std::string token;
    Value value{};
  };
  using Row = std::array<Entry, ways>;

  // The end of a token is the end of its signature: as good as random where it is true.
  static std::size_t hash(const TokenKey& key) {
    std::array<std::uint64_t, 2> end{};
    const auto length = std::min(key.token.size(), sizeof end);
    std::memcpy(end.data(), key.token.data() + (key.token.size() - length), length);
    std::uint64_t mixed = (end[0] ^ key.authorizer[0]) * 0x9e3779b97f4a7c15ULL;
    mixed = (mixed ^ (mixed >> 29) ^ end[1]) * 0xbf58476d1ce4e5b9ULL;
    return mixed ^ (mixed >> 32);
  }
  const Row& row_of(const TokenKey& key) const { return rows_[hash(key) % rows_.size()]; }
  Row& row_of(const TokenKey& key) { return rows_[hash(key) % rows_.size()]; }

  std::vector<Row> rows_;
};

// The slot of a Worker.
struct VerifiedTokens {
  // A client with a bad token sends it again and again; anybody can make bad tokens: few, briefly.
  static constexpr std::size_t refused_count_max = 1024;
  static constexpr auto refused_for = std::chrono::seconds{5};

  TokenTable<std::shared_ptr<const Principal>> good{limits::verified_tokens_count_max};
  TokenTable<Error> refused{refused_count_max};
};

}  // namespace toolgate::identity
