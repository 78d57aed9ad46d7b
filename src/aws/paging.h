// Pages of a listing: how many items, and from where.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "aws/call.h"
#include "base/result.h"

namespace toolgate::aws {

// The names of the two members differ from service to service.
struct PageMembers {
  std::string_view size = "maxResults";
  std::string_view token = "nextToken";
  std::size_t default_size = 100;
};
struct PageRequest {
  std::size_t size = 0;  // at least 1
  std::string after;     // the store's page token; empty for the first page
};

// Fails with Code::invalid when the token is not one that next_token made for the same account,
// region and operation.
[[nodiscard]] Result<PageRequest> page_request(const Call& call, PageMembers members = {});

// An opaque token for the store's `after`; empty (no next page) stays empty.
[[nodiscard]] std::string next_token(const Call& call, std::string_view after);

}  // namespace toolgate::aws
