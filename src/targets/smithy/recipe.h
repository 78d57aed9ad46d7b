// What a call of one operation needs, cut out of a model when the target is created, and read again
// when the data plane takes the tool: the shapes of its input and output with the traits that
// decide about bytes, the service's names, the endpoint.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "targets/smithy/model.h"
#include "targets/smithy/rules.h"
#include "targets/smithy/service.h"
#include "targets/target.h"

namespace toolgate::targets::smithy {

// The recipe of an operation as JSON text: a small model of the JSON AST, and beside its shapes a
// member "call". Fails with Code::invalid when the endpoint's rules refuse the region.
struct RecipeSource {
  const Model& model;
  const Service& service;
  const Shape& operation;
  std::string_view region;
  RuleBudget& budget;  // of the whole model
};
[[nodiscard]] Result<std::string> make_recipe(const RecipeSource& source);

inline constexpr std::string_view bucket_label = "/{Bucket}";

// A recipe, ready. Views are into its model.
struct Operation final : Recipe {
  static Result<std::shared_ptr<const Operation>> parse(std::string_view recipe);

  std::unique_ptr<const Model> model;
  Protocol protocol = Protocol::rest_json_1;
  std::string_view name;
  std::string_view service_name;  // in X-Amz-Target
  std::string_view version;
  std::string_view signing_name;
  std::string_view region;         // of the endpoint
  std::string_view endpoint_name;  // of the service in --aws-endpoint: "dynamodb"
  XmlNamespace xml_namespace;      // of a root element without its own
  const Shape* input = nullptr;    // null: no members
  const Shape* output = nullptr;
  std::string_view method = "POST";
  std::string_view uri = "/";
  bool bucket_in_path = false;  // S3: `uri` begins with bucket_label, the rules' URL holds it too
  bool short_ids = false;       // Route 53: "/hostedzone/Z1" in answers is "Z1" in a path
  std::string_view host_prefix;
  std::string_view checksum_member;  // names the algorithm
  bool checksum_required = false;
  bool checksum_supported = false;
  bool query_compatible = false;  // awsJson that answers an awsQuery service's errors
  bool is_unsigned = false;
  bool unwrapped_output = false;        // S3: the root element is the only member itself
  std::optional<Endpoint> endpoint;     // decided already
  JsonArray rules;                      // else
  const JsonObject* context = nullptr;  // the rules' parameters from paths in the input
};

}  // namespace toolgate::targets::smithy
