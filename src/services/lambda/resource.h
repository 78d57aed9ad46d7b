// What the families of Lambda's operations share: names, documents, errors in Lambda's words.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/call.h"
#include "aws/refuse.h"
#include "base/result.h"
#include "base/task.h"
#include "json/members.h"
#include "model/kinds.h"
#include "services/lambda/service.h"

namespace toolgate::services::lambda {

using aws::refuse;
[[nodiscard]] std::unexpected<Error> invalid(std::string message);
[[nodiscard]] std::unexpected<Error> busy(std::string_view arn);
// "Path: not supported …".
[[nodiscard]] std::unexpected<Error> unsupported(std::string_view member);

[[nodiscard]] inline model::Place place_of(const aws::Call& call) {
  return {call.account, call.region};
}

// What FunctionName and Qualifier say: a name, a partial ARN or an ARN, each perhaps with a
// qualifier behind it. Fails with ResourceNotFoundException for another account or region, and with
// InvalidParameterValueException when the two qualifiers differ.
struct Name {
  std::string name;
  std::string qualifier;  // or empty
};
[[nodiscard]] Result<Name> name_of(const aws::Call& call);
[[nodiscard]] Result<Name> parse_name(const aws::Call& call, std::string_view text);

// A document of a function or a version.
struct Loaded {
  store::Key key;
  store::Version version = 0;
  JsonObject document;

  [[nodiscard]] JsonObject& configuration() { return document["configuration"].get_object(); }
};
// $LATEST, with what belongs to the function as a whole.
Task<Result<Loaded>> load_head(Lambda& lambda, const aws::Call& call, const std::string& name);
// What the name means: $LATEST, a version, or the version of an alias. The configuration's ARN is
// the one of the qualifier.
Task<Result<Loaded>> load(Lambda& lambda, const aws::Call& call, const Name& name);

// Random; changes with each change of what it stands in.
[[nodiscard]] std::string new_revision();
// "2026-03-01T12:00:00.123+0000"
[[nodiscard]] std::string last_modified(Time time);
// Fails with PreconditionFailedException when the call names another RevisionId.
[[nodiscard]] Result<void> check_revision(const aws::Call& call, const JsonObject& holder);

// Writes one document over the version that was read.
Task<Result<void>> replace(Lambda& lambda, const Loaded& loaded, store::Batch batch = {});

}  // namespace toolgate::services::lambda
