// Which operations are taken, and what they are called: the lists of `apiGatewayToolConfiguration`,
// and of the member `x-toolgate-tools` that a document may have at its root.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/json.h"
#include "targets/openapi/convert.h"

namespace toolgate::targets::openapi {

// Developer guide, "Amazon API Gateway REST API stages as targets": a filter's path is exact or
// ends in "/*", which takes every path below; an override names one operation that a filter takes.
class Selection {
 public:
  // Where the lists stand: in a target's configuration (a stage: filters are asked for, and a name
  // of each operation), or in a document (without filters all are taken, names are made).
  enum class Of : unsigned char { stage, document };

  struct Override {
    std::string path;
    std::string method;
    std::string name;
    std::string description;
  };

  // Fails with Code::invalid, naming the member.
  static Result<Selection> parse(const Json& configuration, Of of);
  // What the document says itself; nothing when it does not.
  static Result<std::optional<Selection>> in(const Json& document);

  // Nothing for an operation that no filter takes. Fails with Code::invalid for one of a stage that
  // has neither an operationId nor an override.
  [[nodiscard]] Result<std::optional<Chosen>> choose(const Operation& operation) const;

  // convert() with what is chosen. Fails with Code::invalid also when no operation is, or when an
  // override names none of them.
  [[nodiscard]] Result<Catalogue> convert(const Json& document, Conversion conversion) const;

 private:
  struct Filter {
    std::string path;
    bool below = false;  // "/pets/*": `path` is "/pets/"
    std::vector<std::string> methods;
  };
  [[nodiscard]] bool takes(const Operation& operation) const;
  [[nodiscard]] std::string_view member() const;  // in messages
  Result<void> add_filter(const Json& given, const std::string& where);
  Result<void> add_override(const Json& given, const std::string& where);

  Of of_ = Of::stage;
  std::vector<Filter> filters_;
  std::vector<Override> overrides_;
};

}  // namespace toolgate::targets::openapi
