// What every backend of the store agrees on: bounds, what a batch must look like, and the words of
// its refusals.
#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/store.h"

namespace toolgate::store {

// An ARN has at most 2048 characters, but no id of ours is an ARN; a page token carries an id and
// must fit into nextToken (2048).
inline constexpr std::size_t key_part_bytes_max = 1024;
// One chunk of a catalogue is a few MB; a document of this size is a mistake.
inline constexpr std::size_t body_bytes_max = 64UL * 1024 * 1024;
// All bodies of one batch: a whole catalogue in one commit.
inline constexpr std::size_t batch_bytes_max = 256UL * 1024 * 1024;
// A page of a list ends early rather than hold more; one document may be larger.
inline constexpr std::size_t page_bytes_max = 16UL * 1024 * 1024;
inline constexpr auto idempotency_kept_for = std::chrono::hours{24};
static_assert(body_bytes_max <= batch_bytes_max);

// Fails with Code::invalid (a key part is missing, too long or holds a NUL) or Code::too_large.
[[nodiscard]] Result<void> check(const Batch& batch);
[[nodiscard]] Result<void> check(const Key& key);
// The same for a listing: the id, here a prefix, may be empty.
[[nodiscard]] Result<void> check_listing(const Key& prefix);
[[nodiscard]] Result<void> check_part(std::string_view what, std::string_view part);

// "gatewayId/" of "gatewayId/targetId"; empty for an id of one part.
[[nodiscard]] std::string_view parent_of(std::string_view id);

// The conflicts that store.h promises.
[[nodiscard]] std::unexpected<Error> precondition_failed(const Precondition& precondition);
[[nodiscard]] std::unexpected<Error> name_taken(std::string_view name);
[[nodiscard]] std::unexpected<Error> lease_lost();
[[nodiscard]] std::unexpected<Error> token_used();

// A lease nobody else holds; starts with its owner, for the reader of a log.
[[nodiscard]] std::string new_lease(std::string_view owner);

}  // namespace toolgate::store
