// Cognito's documents in the store: where they stand, how they are read, changed and written back.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/call.h"
#include "aws/refuse.h"
#include "aws/writing.h"
#include "base/result.h"
#include "base/task.h"
#include "json/json.h"
#include "json/members.h"
#include "store/optimistic.h"
#include "store/store.h"

namespace toolgate::services::cognito {

struct Cognito;

namespace kind {
inline constexpr std::string_view pool = "user_pool";                             // id: poolId
inline constexpr std::string_view keys = "user_pool_keys";                        // id: poolId
inline constexpr std::string_view domain = "user_pool_domain";                    // id: lower case
inline constexpr std::string_view resource_server = "user_pool_resource_server";  // poolId/name
inline constexpr std::string_view client = "user_pool_client";                    // poolId/clientId
// In region client_index_region, id: clientId. Says which pool a client belongs to.
inline constexpr std::string_view client_index = "user_pool_client_index";
}  // namespace kind
inline constexpr std::string_view client_index_region = "global";

// Where a pool's documents stand.
struct PoolPlace {
  std::string account;
  std::string region;
  std::string pool_id;
};
[[nodiscard]] PoolPlace place_of(const aws::Call& call);  // of the input's UserPoolId

// The pool's one document of a kind, and "poolId/NAME".
[[nodiscard]] store::Key key_of(const PoolPlace& place, std::string_view kind);
[[nodiscard]] store::Key key_of(const PoolPlace& place, std::string_view kind,
                                std::string_view name);
[[nodiscard]] store::Key domain_key(std::string_view account, std::string_view region,
                                    std::string_view domain);
[[nodiscard]] store::Key client_index_key(std::string_view account, std::string_view client_id);

// Read and written back as store/optimistic.h has it.
using store::Loaded;

// The pool. Fails with ResourceNotFoundException.
Task<Result<Loaded>> load_pool(store::Store& store, PoolPlace place);
// A page of documents below a prefix, by the call's MaxResults and NextToken, which is set in
// `output` when there is more. Fails with InvalidParameterException for a token that is not ours.
Task<Result<std::vector<Loaded>>> load_page(store::Store& store, store::Key prefix,
                                            const aws::Call& call, JsonObject& output);
// Keys of all documents below a prefix, at most `count_max` of them.
Task<Result<std::vector<store::Key>>> keys_below(store::Store& store, store::Key prefix,
                                                 std::size_t count_max);

// Cognito's errors.
using aws::refuse;
// Others changed what an operation is to change, each time that it was about to (aws/writing.h).
[[nodiscard]] std::unexpected<Error> busy();
[[nodiscard]] std::unexpected<Error> invalid_parameter(std::string message);
[[nodiscard]] std::unexpected<Error> not_found(std::string message);
[[nodiscard]] std::unexpected<Error> limit_exceeded(std::string message);

// Cognito's times have milliseconds.
[[nodiscard]] double timestamp(Time time);

// For bodies that this room wrote itself.
using json::is_true;
using json::member;
using json::number;
using json::text_of;
using json::texts;

}  // namespace toolgate::services::cognito
