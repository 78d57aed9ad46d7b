#include "services/logs/delivery_documents.h"

#include <algorithm>

#include <fmt/format.h>

#include "store/optimistic.h"

namespace toolgate::services::logs {
namespace {

std::string_view noun_of(std::string_view kind) {
  if (kind == kind_source) return "delivery source";
  if (kind == kind_destination) return "delivery destination";
  return "delivery";
}

}  // namespace

Task<Result<store::JsonDocument>> load_delivery_part(Logs& logs, const aws::Call& call,
                                                     std::string_view kind, std::string id) {
  CO_TRY(auto document, co_await store::get_document(logs.store, key_of(call, kind, id)));
  if (!document) {
    co_return fail(Code::not_found, fmt::format("The {} {} does not exist.", noun_of(kind), id));
  }
  co_return *std::move(document);
}

JsonObject shown(const Json& body) {
  JsonObject shape;
  for (const auto& [name, value] : body.get_object()) {
    if (!std::string_view{name}.starts_with('_')) shape[name] = value;
  }
  return shape;
}

Task<Result<aws::Answer>> describe_delivery_parts(Logs& logs, const aws::Call& call,
                                                  std::string_view kind, std::string_view member,
                                                  std::function<bool(const Json&)> wanted) {
  CO_TRY(const auto page, aws::page_request(call, {.size = "limit", .default_size = 50}));
  CO_TRY(const auto found,
         co_await store::list_json(logs.store, key_of(call, kind), page.size, page.after));
  JsonArray parts;
  for (const auto& document : found.documents) {
    if (wanted(document.body)) parts.push_back(shown(document.body));
  }
  JsonObject output;
  output[member] = std::move(parts);
  if (!found.next.empty()) output["nextToken"] = aws::next_token(call, found.next);
  co_return aws::Answer{std::move(output), {}};
}

bool listed(const JsonArray* list, std::string_view text) {
  return list == nullptr || std::ranges::any_of(*list, [text](const Json& each) {
           return each.is_string() && std::string_view{each.get_string()} == text;
         });
}

std::string pair_of(std::string_view source, std::string_view destination_arn) {
  return fmt::format("{} {}", source, destination_arn);
}

Task<Result<bool>> is_delivered(Logs& logs, const aws::Call& call, std::string_view member,
                                std::string value) {
  CO_TRY(const auto all, co_await store::list_all_json(logs.store, key_of(call, kind_delivery)));
  co_return std::ranges::any_of(all, [&](const store::JsonDocument& delivery) {
    return json::find_string(delivery.body, member) == value;
  });
}

store::Precondition unchanged(const store::JsonDocument& document) {
  return store::unchanged(document.key, document.version,
                          "The resource is being changed; try again.");
}

Result<store::Version> conflicting(Result<store::Version> committed, std::string message) {
  if (committed || committed.error().code != Code::conflict) return committed;
  if (committed.error().name == "name_taken") return conflict(std::move(message));
  committed.error().name = "ConflictException";
  return committed;
}

}  // namespace toolgate::services::logs
