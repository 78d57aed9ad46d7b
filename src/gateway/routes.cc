#include "gateway/routes.h"

#include <bit>
#include <functional>

#include "base/result.h"

namespace toolgate::gateway {
namespace {

std::size_t slot_of(std::string_view name, std::size_t slots) {
  return std::hash<std::string_view>{}(name) & (slots - 1);
}

}  // namespace

Routes::Routes(const std::vector<std::shared_ptr<const ToolTable>>& tables) {
  std::size_t count = 0;
  for (const auto& table : tables) count += table->tools.size();
  ASSERT(count < UINT32_MAX / 2);
  all_.reserve(count);
  slots_.resize(std::bit_ceil(2 * count + 1));
  for (const auto& table : tables) {
    for (const auto& tool : table->tools) {
      const bool fresh = find(tool.name) == nullptr;
      all_.push_back({.table = table.get(), .tool = &tool});
      if (!fresh) continue;  // the first of two with one name is called
      std::size_t slot = slot_of(tool.name, slots_.size());
      while (slots_[slot] != 0) slot = (slot + 1) & (slots_.size() - 1);
      slots_[slot] = static_cast<std::uint32_t>(all_.size());
    }
  }
}

const Route* Routes::find(std::string_view name) const {
  if (slots_.empty()) return nullptr;
  std::size_t slot = slot_of(name, slots_.size());
  for (; slots_[slot] != 0; slot = (slot + 1) & (slots_.size() - 1)) {
    const Route& route = all_[slots_[slot] - 1];
    if (route.tool->name == name) return &route;
  }
  return nullptr;
}

}  // namespace toolgate::gateway
