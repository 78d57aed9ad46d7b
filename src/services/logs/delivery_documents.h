// What the three kinds of delivery documents have in common: they are kept as they are shown, but
// for members that begin with "_".
#pragma once

#include <string>
#include <string_view>

#include "aws/call.h"
#include "aws/paging.h"
#include "base/result.h"
#include "services/logs/names.h"
#include "services/logs/service.h"
#include "store/documents.h"

namespace toolgate::services::logs {

// Code::not_found: "The delivery source … does not exist."
Task<Result<store::JsonDocument>> load_delivery_part(Logs& logs, const aws::Call& call,
                                                     std::string_view kind, std::string id);
[[nodiscard]] JsonObject shown(const Json& body);

// A page of one kind, under `member` of the output, of those that `wanted` takes.
Task<Result<aws::Answer>> describe_delivery_parts(Logs& logs, const aws::Call& call,
                                                  std::string_view kind, std::string_view member,
                                                  std::function<bool(const Json&)> wanted);
// Whether `list` (a member of the input, or nullptr: anything) has the text.
[[nodiscard]] bool listed(const JsonArray* list, std::string_view text);

// What a delivery is the only one of: its source and destination.
[[nodiscard]] std::string pair_of(std::string_view source, std::string_view destination_arn);
// Whether any delivery's `member` is `value`.
Task<Result<bool>> is_delivered(Logs& logs, const aws::Call& call, std::string_view member,
                                std::string value);

// The document as it was read, or the batch fails.
[[nodiscard]] store::Precondition unchanged(const store::JsonDocument& document);
// The store's name_taken as ConflictException with this message.
[[nodiscard]] Result<store::Version> conflicting(Result<store::Version> committed,
                                                 std::string message);

}  // namespace toolgate::services::logs
