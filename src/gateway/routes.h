// All tools of a gateway by their full names, in few bytes each.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "gateway/tool_table.h"

namespace toolgate::gateway {

struct Route {
  const ToolTable* table = nullptr;
  const Tool* tool = nullptr;
};

// Immutable. The tables outlive it.
class Routes {
 public:
  Routes() = default;
  explicit Routes(const std::vector<std::shared_ptr<const ToolTable>>& tables);

  // Null: there is no such tool.
  [[nodiscard]] const Route* find(std::string_view name) const;
  // In order of the tables and of their tools.
  [[nodiscard]] const std::vector<Route>& all() const { return all_; }

 private:
  std::vector<Route> all_;
  // By hash; a position in `all_` plus one, 0: free. A power of two of them, at most half used.
  std::vector<std::uint32_t> slots_;
};

}  // namespace toolgate::gateway
