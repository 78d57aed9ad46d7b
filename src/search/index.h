// Finds tools by the words of a query: BM25F over name, description, parameter names and parameter
// descriptions. Immutable; any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace toolgate::search {

// One document. The views need to live only until the index is built.
struct Doc {
  std::string_view prefix;  // the target's name: weighs little
  std::string_view name;    // without the prefix
  std::string_view description;
  std::vector<std::string> parameter_names;  // nested ones too
  std::vector<std::string> parameter_descriptions;
};

// Fills the parameter members from a tool's input schema (raw JSON, padded). What cannot be read is
// left out. Nesting is followed to limits::json_depth_max levels.
void read_parameters(std::string_view input_schema, Doc& doc);

struct Hit {
  std::size_t doc = 0;  // its position in the vector that the index was built from
  double score = 0;
};

class Index {
 public:
  [[nodiscard]] static std::shared_ptr<const Index> build(const std::vector<Doc>& docs);
  // The best `limit` documents with a score above 0, best first; ties in order of document.
  [[nodiscard]] std::vector<Hit> search(std::string_view query, std::size_t limit) const;

 private:
  Index() = default;
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

}  // namespace toolgate::search
