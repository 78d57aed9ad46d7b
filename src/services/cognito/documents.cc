#include "services/cognito/documents.h"

#include <fmt/format.h>

#include "base/text.h"
#include "store/optimistic.h"

namespace toolgate::services::cognito {
namespace {

constexpr std::size_t page_default = 60;  // Cognito API Reference, "MaxResults"
constexpr std::size_t documents_a_read = 200;

store::Key key(std::string_view account, std::string_view region, std::string_view kind,
               std::string id) {
  return {.account = std::string{account},
          .region = std::string{region},
          .kind = std::string{kind},
          .id = std::move(id)};
}

}  // namespace

PoolPlace place_of(const aws::Call& call) {
  return {.account = call.account, .region = call.region, .pool_id = aws::text(call, "UserPoolId")};
}

store::Key key_of(const PoolPlace& place, std::string_view kind) {
  return key(place.account, place.region, kind, place.pool_id);
}
store::Key key_of(const PoolPlace& place, std::string_view kind, std::string_view name) {
  return key(place.account, place.region, kind, fmt::format("{}/{}", place.pool_id, name));
}
store::Key domain_key(std::string_view account, std::string_view region, std::string_view domain) {
  return key(account, region, kind::domain, lower(domain));
}
store::Key client_index_key(std::string_view account, std::string_view client_id) {
  return key(account, client_index_region, kind::client_index, std::string{client_id});
}

Task<Result<Loaded>> load_pool(store::Store& store, PoolPlace place) {
  CO_TRY(std::optional<Loaded> pool, co_await store::load(store, key_of(place, kind::pool)));
  if (!pool) co_return not_found(fmt::format("User pool {} does not exist.", place.pool_id));
  co_return *std::move(pool);
}

Task<Result<std::vector<Loaded>>> load_page(store::Store& store, store::Key prefix,
                                            const aws::Call& call, JsonObject& output) {
  const auto wanted = json::find_int(call.input, "MaxResults");
  const std::size_t limit =
      wanted && *wanted > 0 ? static_cast<std::size_t>(*wanted) : page_default;
  Result<store::Page> page = co_await store.list(
      std::move(prefix), limit, aws::text_if(call, "NextToken").value_or(std::string{}));
  if (!page && page.error().code == Code::invalid) {
    co_return invalid_parameter("Invalid pagination token given.");
  }
  if (!page) co_return std::unexpected(std::move(page).error());
  std::vector<Loaded> out;
  for (store::Document& document : page->documents) {
    CO_TRY(Loaded loaded, store::read(std::move(document)));
    out.push_back(std::move(loaded));
  }
  if (!page->next.empty()) output["NextToken"] = page->next;
  co_return std::move(out);
}

Task<Result<std::vector<store::Key>>> keys_below(store::Store& store, store::Key prefix,
                                                 std::size_t count_max) {
  std::vector<store::Key> keys;
  std::string after;
  do {
    CO_TRY(store::Page page, co_await store.list(prefix, documents_a_read, after));
    for (store::Document& document : page.documents) {
      if (keys.size() < count_max) keys.push_back(std::move(document.key));
    }
    after = std::move(page.next);
  } while (!after.empty() && keys.size() < count_max);
  co_return std::move(keys);
}

std::unexpected<Error> busy() {
  return refuse(Code::conflict, "ConcurrentModificationException",
                "Too many requests change this object at once. Try again.");
}
std::unexpected<Error> invalid_parameter(std::string message) {
  return refuse(Code::invalid, "InvalidParameterException", std::move(message));
}
std::unexpected<Error> not_found(std::string message) {
  return refuse(Code::not_found, "ResourceNotFoundException", std::move(message));
}
std::unexpected<Error> limit_exceeded(std::string message) {
  return refuse(Code::quota, "LimitExceededException", std::move(message));
}

double timestamp(Time time) { return static_cast<double>(milliseconds_of(time)) / 1000.0; }

}  // namespace toolgate::services::cognito
