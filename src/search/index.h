// Finds tools by the words of a query: BM25F over name, description, parameter names and parameter
// descriptions. Immutable; any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace toolgate::search {

// One of the two may be empty.
struct Parameter {
  std::string name;
  std::string description;
  bool operator==(const Parameter&) const = default;
};

// One document. The views need to live only while it is read.
struct Doc {
  std::string_view prefix;  // the target's name: weighs little
  std::string_view name;    // without the prefix
  std::string description;
  std::vector<Parameter> parameters;  // nested ones too
};

// Fills the parameters from a tool's input schema (raw JSON, padded). What cannot be read is
// left out. Nesting is followed to limits::json_depth_max levels.
void read_parameters(std::string_view input_schema, Doc& doc);

// Gives a document by its position: so many are read one at a time.
using DocSource = std::function<Doc(std::size_t position)>;

// What the words of a query say of every document, in order of document.
struct WordScores {
  std::vector<float> relevance;  // BM25F: 0 for a document with none of the words
  std::vector<float> coverage;   // the share of the query's words, by rarity, that it has: 0 to 1
};

// Whether words decide alone, or beside a cosine, which other weights suit better.
enum class Words : unsigned char { alone, beside_meaning };

class Index {
 public:
  [[nodiscard]] static std::shared_ptr<const Index> build(std::size_t count, const DocSource& docs,
                                                          Words words = Words::alone);
  [[nodiscard]] static std::shared_ptr<const Index> build(const std::vector<Doc>& docs,
                                                          Words words = Words::alone);
  [[nodiscard]] WordScores score(std::string_view query) const;
  // The words of the query that the document has, as they stand in the index: stems.
  [[nodiscard]] std::vector<std::string> matched(std::string_view query, std::size_t doc) const;
  [[nodiscard]] std::size_t size() const;

 private:
  Index() = default;
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

}  // namespace toolgate::search
