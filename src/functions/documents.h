// Functions, versions, aliases and waiting events in the store, and how a call finds what it runs.
//
//   lambda_function  id: NAME            {"configuration": as the API shows $LATEST, "blob",
//                                         "digest", "concurrency", "lastVersion", "tags"}
//   lambda_version   id: NAME/00000003   the same of one published version
//   lambda_alias     id: NAME/ALIAS      as the API shows it
//   lambda_event     id: TIME-RANDOM     an asynchronous call that was answered 202
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "functions/function.h"
#include "json/json.h"
#include "store/documents.h"

namespace toolgate::functions {

namespace kind {
inline constexpr std::string_view function = "lambda_function";
inline constexpr std::string_view version = "lambda_version";
inline constexpr std::string_view alias = "lambda_alias";
inline constexpr std::string_view event = "lambda_event";
}  // namespace kind

inline constexpr std::string_view latest = "$LATEST";

[[nodiscard]] store::Key function_key(const model::Place& place, std::string_view name);
[[nodiscard]] store::Key version_key(const model::Place& place, std::string_view name,
                                     std::string_view number);
[[nodiscard]] store::Key alias_key(const model::Place& place, std::string_view name,
                                   std::string_view alias);
[[nodiscard]] std::string function_arn(const model::Place& place, std::string_view name);
[[nodiscard]] bool is_number(std::string_view qualifier);  // of a version

// A document of a function or a version as what is run. Code::internal when it is broken.
[[nodiscard]] Result<Function> function_from(const model::Place& place, const Json& document);

// What a name and a qualifier mean now.
struct Found {
  std::shared_ptr<const Function> function;
  std::optional<std::size_t> concurrency;  // reserved
};

// Reads functions of the store; what was read is believed until anything is committed.
class Catalogue {
 public:
  explicit Catalogue(store::Store& store) : store_{store} {}

  // `qualifier` is a version's number, an alias, $LATEST or empty. Fails with Code::not_found in
  // Lambda's words.
  Task<Result<Found>> find(model::Place place, std::string name, std::string qualifier);

  [[nodiscard]] store::Store& store() { return store_; }

 private:
  Task<Result<Found>> read(const model::Place& place, const std::string& name,
                           std::string qualifier);
  Task<Result<std::string>> version_of_alias(const model::Place& place, const std::string& name,
                                             const std::string& alias);

  store::Store& store_;
  std::mutex mutex_;  // guards what follows
  store::Version as_of_ = 0;
  std::map<std::string, Found> found_;
};

[[nodiscard]] std::unexpected<Error> no_such_function(const model::Place& place,
                                                      std::string_view name,
                                                      std::string_view qualifier);

}  // namespace toolgate::functions
