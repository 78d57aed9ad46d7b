#include "targets/smithy/mixins.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "json/members.h"

namespace toolgate::targets::smithy {
namespace {

constexpr std::string_view mixin_trait = "smithy.api#mixin";
// Mixins of mixins of …: models in the wild use two or three.
constexpr std::size_t levels_count_max = 64;
// Of all shapes, that mixins have added: each is a copy.
constexpr std::size_t added_count_max = 300'000;

std::unexpected<Error> broken(std::string_view shape, std::string_view why) {
  return fail(Code::invalid, fmt::format("Smithy model: shape {}: {}", shape, why));
}

// The traits of a shape or member, made where there are none.
JsonObject& traits_of(JsonObject& node) {
  Json& traits = node["traits"];
  if (!traits.is_object()) traits = JsonObject{};
  return traits.get_object();
}

const Json* mixin_of(const JsonObject& node) {
  const Json* traits = node.if_contains("traits");
  const auto* object = traits != nullptr ? traits->if_object() : nullptr;
  return object != nullptr ? object->if_contains(mixin_trait) : nullptr;
}

// What "member" means in a shape of a list or map stands in the shape itself.
JsonObject* member_of(JsonObject& shape, std::string_view name) {
  Json* members = shape.if_contains("members");
  Json* found = members != nullptr && members->is_object() ? members->get_object().if_contains(name)
                                                           : shape.if_contains(name);
  return found != nullptr ? found->if_object() : nullptr;
}

class Completer {
 public:
  explicit Completer(JsonObject& shapes) : shapes_{shapes} {}

  Result<void> complete() {
    take_applied();
    std::vector<std::string> ids;
    for (const auto& member : shapes_) ids.emplace_back(member.key());
    for (const auto& id : ids) TRY_DO(complete(id, 0));
    for (const auto& id : ids) {
      const Json* shape = shapes_.if_contains(id);
      if (shape->is_object() && mixin_of(shape->get_object()) != nullptr) shapes_.erase(id);
    }
    return {};
  }

 private:
  // Out of the document, by the shape that they are for.
  void take_applied() {
    std::vector<std::string> ids;
    for (const auto& member : shapes_) {
      if (json::find_string(member.value(), "type") == "apply") ids.emplace_back(member.key());
    }
    for (const auto& id : ids) {
      const Json* traits = json::find(*shapes_.if_contains(id), "traits");
      const auto dollar = id.find('$');
      if (traits != nullptr && traits->is_object()) {
        applied_[id.substr(0, dollar)].push_back(
            {.member = dollar == id.npos ? std::string{} : id.substr(dollar + 1),
             .traits = traits->get_object()});
      }
      shapes_.erase(id);
    }
  }

  Result<void> complete(const std::string& id, std::size_t level) {
    Json* shape = shapes_.if_contains(id);
    JsonObject* node = shape != nullptr ? shape->if_object() : nullptr;
    if (node == nullptr) return {};  // said where shapes are read
    State& state = states_[id];
    if (state == State::done) return {};
    if (state == State::begun) return broken(id, "is a mixin of itself");
    if (level > levels_count_max) {
      return broken(id, fmt::format("more than {} levels of mixins", levels_count_max));
    }
    state = State::begun;
    if (Json* mixins = node->if_contains("mixins"); mixins != nullptr && mixins->is_array()) {
      const JsonArray list = mixins->get_array();
      node->erase("mixins");
      TRY_DO(mix_in(id, *node, list, level));
    }
    apply(id, *node);
    states_[id] = State::done;
    return {};
  }

  // The members and traits of all mixins, then the shape's own.
  Result<void> mix_in(const std::string& id, JsonObject& node, const JsonArray& mixins,
                      std::size_t level) {
    JsonObject whole;
    for (const auto& each : mixins) {
      const std::string mixin = json::member(each, "target");
      TRY_DO(complete(mixin, level + 1));
      const Json* found = shapes_.if_contains(mixin);
      const auto* source = found != nullptr ? found->if_object() : nullptr;
      const Json* says = source != nullptr ? mixin_of(*source) : nullptr;
      if (says == nullptr) return broken(id, fmt::format("mixin {}: there is none", mixin));
      TRY_DO(add(id, whole, without_local_traits(*source, *says)));
    }
    TRY_DO(add(id, whole, node));
    node = std::move(whole);
    return {};
  }

  static JsonObject without_local_traits(const JsonObject& mixin, const Json& says) {
    JsonObject copy = mixin;
    JsonObject& traits = traits_of(copy);
    if (const JsonArray* local = json::find_array(says, "localTraits")) {
      for (const auto& name : *local) {
        if (name.is_string()) traits.erase(name.get_string());
      }
    }
    traits.erase(mixin_trait);
    return copy;
  }

  // `from` above what is in `to`: objects member by member, lists one behind the other.
  Result<void> add(const std::string& id, JsonObject& to, const JsonObject& from) {
    for (const auto& member : from) {
      const std::string_view name = member.key();
      const Json& value = member.value();
      Json* old = to.if_contains(name);
      if (old == nullptr) {
        to[name] = value;
        TRY_DO(count(id, value));
      } else if (name == "members" && old->is_object() && value.is_object()) {
        for (const auto& each : value.get_object()) {
          TRY_DO(add_member(id, old->get_object(), each.key(), each.value()));
        }
      } else if (old->is_object() && value.is_object()) {
        TRY_DO(add_targets(id, name, *old, value));
      } else if (old->is_array() && value.is_array()) {
        for (const auto& each : value.get_array()) {
          auto& list = old->get_array();
          if (std::ranges::find(list, each) == list.end()) list.push_back(each);
        }
        TRY_DO(count(id, value));
      } else {
        *old = value;
      }
    }
    return {};
  }

  // Traits, a list's member, an operation's input: the same target or none, one above the other.
  Result<void> add_targets(const std::string& id, std::string_view name, Json& old,
                           const Json& value) {
    const auto before = json::find_string(old, "target");
    const auto target = json::find_string(value, "target");
    const bool unit = before == "smithy.api#Unit";
    if (name != "traits" && before && target && *before != *target && !unit) {
      return broken(id, fmt::format("member {}: {} here, {} in a mixin", name, *target, *before));
    }
    for (const auto& each : value.get_object()) {
      Json& to = old.get_object()[each.key()];
      const bool both = each.key() == "traits" && to.is_object() && each.value().is_object();
      if (both) {
        for (const auto& one : each.value().get_object()) to.get_object()[one.key()] = one.value();
      } else {
        to = each.value();
      }
    }
    return count(id, value);
  }

  Result<void> add_member(const std::string& id, JsonObject& members, std::string_view name,
                          const Json& value) {
    Json* old = members.if_contains(name);
    if (old != nullptr && old->is_object() && value.is_object()) {
      return add_targets(id, name, *old, value);
    }
    members[name] = value;
    return count(id, value);
  }

  Result<void> count(const std::string& id, const Json& value) {
    const auto* object = value.if_object();
    const auto* list = value.if_array();
    added_ += 1 + (object != nullptr ? object->size() : 0) + (list != nullptr ? list->size() : 0);
    if (added_ <= added_count_max) return {};
    return broken(id, fmt::format("mixins add more than {} members and traits to the model",
                                  added_count_max));
  }

  void apply(const std::string& id, JsonObject& node) {
    const auto found = applied_.find(id);
    if (found == applied_.end()) return;
    for (auto& [member, traits] : found->second) {
      JsonObject* at = member.empty() ? &node : member_of(node, member);
      if (at == nullptr) continue;
      auto& to = traits_of(*at);
      for (auto& each : traits) to[each.key()] = each.value();
    }
  }

  enum class State : unsigned char { untouched, begun, done };
  struct Applied {
    std::string member;  // empty: the shape itself
    JsonObject traits;
  };
  JsonObject& shapes_;
  TextMap<State> states_;
  TextMap<std::vector<Applied>> applied_;
  std::size_t added_ = 0;
};

}  // namespace

Result<void> complete_shapes(JsonObject& shapes) { return Completer{shapes}.complete(); }

}  // namespace toolgate::targets::smithy
