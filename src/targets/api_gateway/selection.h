// Which operations of an API are taken, and what they are called: `apiGatewayToolConfiguration`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "json/json.h"
#include "targets/openapi/convert.h"

namespace toolgate::targets::api_gateway {

// Developer guide, "Amazon API Gateway REST API stages as targets": a filter's path is exact or
// ends in "/*", which takes every path below; an override names one operation that a filter takes.
class Selection {
 public:
  struct Override {
    std::string path;
    std::string method;
    std::string name;
    std::string description;
  };

  // Fails with Code::invalid, naming the member.
  static Result<Selection> parse(const Json& configuration);

  // Nothing for an operation that no filter takes. Fails with Code::invalid for one that has
  // neither an operationId nor an override.
  [[nodiscard]] Result<std::optional<openapi::Chosen>> choose(
      const openapi::Operation& operation) const;

  [[nodiscard]] const std::vector<Override>& overrides() const { return overrides_; }

 private:
  struct Filter {
    std::string path;
    bool below = false;  // "/pets/*": `path` is "/pets/"
    std::vector<std::string> methods;
  };
  [[nodiscard]] bool takes(const openapi::Operation& operation) const;

  std::vector<Filter> filters_;
  std::vector<Override> overrides_;
};

}  // namespace toolgate::targets::api_gateway
