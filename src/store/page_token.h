// Page tokens: where a listing goes on. A token names the last id that was given, so it stays right
// while documents come and go, and it is signed, so it is good for its own listing only.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "store/store.h"

namespace toolgate::store {

inline constexpr std::size_t page_token_key_bytes = 32;

class PageTokens {
 public:
  // The key stays the same as long as the documents do: a token outlives a restart.
  explicit PageTokens(std::string key) : key_{std::move(key)} {}

  [[nodiscard]] std::string make(const Key& prefix, std::string_view last_id) const;
  // The id after which the listing goes on. Fails with Code::invalid for any text that `make` has
  // not given for this listing.
  [[nodiscard]] Result<std::string> read(const Key& prefix, std::string_view token) const;

 private:
  [[nodiscard]] std::string signature(const Key& prefix, std::string_view last_id) const;
  std::string key_;
};

}  // namespace toolgate::store
