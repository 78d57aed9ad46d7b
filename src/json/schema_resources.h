// Which places of a schema document are subschemas, to which resource ($id) each belongs, and where
// a reference points. Everything stays inside the document.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "json/tape.h"

namespace toolgate::json::graph {

// What differs between the drafts: in draft 7 and before, $ref hides its siblings; in draft 4 $id
// is written id.
enum class Dialect : std::uint8_t { draft4, draft7, modern };

struct Place {
  Tape::Index index = 0;
  std::uint32_t resource = 0;
};

class Resources {
 public:
  // `tape` holds the whole document and outlives this.
  explicit Resources(const Tape& tape);

  // The place that a $ref, $dynamicRef or $recursiveRef of a subschema means.
  [[nodiscard]] std::optional<Place> find(std::string_view reference, std::uint32_t from);

  [[nodiscard]] std::uint32_t resource_of(Tape::Index subschema) const {
    return subschema < resource_of_.size() && resource_of_[subschema] < all_.size()
               ? resource_of_[subschema]
               : 0;
  }
  [[nodiscard]] Dialect dialect_of(Tape::Index subschema) const {
    return all_[resource_of(subschema)].dialect;
  }
  [[nodiscard]] std::size_t count() const { return all_.size(); }

  // An anchor that references made with $dynamicRef look for along their way. The name of
  // $recursiveAnchor is empty.
  struct DynamicAnchor {
    std::string name;
    Place place;
  };
  [[nodiscard]] const std::vector<DynamicAnchor>& dynamic_anchors() const { return dynamic_; }
  [[nodiscard]] bool has_dynamic_anchor(Place place, std::string_view name) const;

 private:
  struct Resource {
    std::string uri;
    Tape::Index root = 0;
    Dialect dialect = Dialect::modern;
    TextMap<Tape::Index> anchors;
  };

  void visit(Place start);
  std::uint32_t enter(Place place);
  void name_anchors(Place place);
  std::optional<Place> follow(std::string_view pointer, std::uint32_t resource);
  [[nodiscard]] std::optional<std::string> string_member(Tape::Index object,
                                                         std::string_view name) const;

  const Tape& tape_;
  std::vector<Resource> all_;
  TextMap<std::uint32_t> by_uri_;
  std::vector<std::uint32_t> resource_of_;  // by the index on the tape
  std::vector<DynamicAnchor> dynamic_;
  std::size_t steps_left_;  // members that may be looked at while following pointers
};

}  // namespace toolgate::json::graph
