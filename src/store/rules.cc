#include "store/rules.h"

#include <fmt/format.h>

#include "base/ids.h"

namespace toolgate::store {
namespace {

enum class Empty : unsigned char { allowed, refused };

Result<void> check_text(std::string_view what, std::string_view text, Empty empty) {
  if (text.empty() && empty == Empty::refused) {
    return fail(Code::invalid, fmt::format("{} must not be empty", what));
  }
  if (text.size() > key_part_bytes_max) {
    return fail(Code::invalid, fmt::format("{} has {} bytes; at most {} are allowed", what,
                                           text.size(), key_part_bytes_max));
  }
  if (text.find('\0') != std::string_view::npos) {
    return fail(Code::invalid, fmt::format("{} must not hold a NUL character", what));
  }
  return {};
}

Result<void> check_key(const Key& key, Empty id) {
  TRY_DO(check_text("account", key.account, Empty::allowed));
  TRY_DO(check_text("region", key.region, Empty::allowed));
  TRY_DO(check_text("kind", key.kind, Empty::refused));
  return check_text("id", key.id, id);
}

// Adds the size of one body to `total`.
Result<void> check_body(std::string_view what, const std::string& body, std::size_t& total) {
  if (body.size() > body_bytes_max) {
    return fail(Code::too_large, fmt::format("{} has {} bytes; at most {} are allowed", what,
                                             body.size(), body_bytes_max));
  }
  total += body.size();
  if (total > batch_bytes_max) {
    return fail(Code::too_large,
                fmt::format("one write holds more than {} bytes", batch_bytes_max));
  }
  return {};
}

Result<void> check_names(const std::vector<Name>& names) {
  for (const auto& name : names) {
    TRY_DO(check(name.owner));
    TRY_DO(check_text("name", name.name, Empty::refused));
  }
  return {};
}

std::unexpected<Error> conflict(std::string_view name, std::string message) {
  return std::unexpected(Error{.code = Code::conflict,
                               .message = std::move(message),
                               .detail = {},
                               .name = std::string{name},
                               .fields = {}});
}

}  // namespace

Result<void> check(const Key& key) { return check_key(key, Empty::refused); }
Result<void> check_listing(const Key& prefix) { return check_key(prefix, Empty::allowed); }
Result<void> check_part(std::string_view what, std::string_view part) {
  return check_text(what, part, Empty::refused);
}

Result<void> check(const Batch& batch) {
  std::size_t bytes = 0;
  for (const auto& wanted : batch.preconditions) {
    const bool prefix = wanted.holds == Precondition::Holds::no_children;
    TRY_DO(check_key(wanted.key, prefix ? Empty::allowed : Empty::refused));
  }
  for (const auto& put : batch.puts) {
    TRY_DO(check(put.key));
    TRY_DO(check_body("the body of a document", put.body, bytes));
  }
  for (const auto& key : batch.deletes) TRY_DO(check(key));
  TRY_DO(check_names(batch.claims));
  TRY_DO(check_names(batch.releases));
  for (const auto& job : batch.jobs) {
    TRY_DO(check_part("job kind", job.kind));
    TRY_DO(check(job.subject));
    TRY_DO(check_body("the payload of a job", job.payload, bytes));
  }
  if (batch.idempotency) {
    TRY_DO(check_part("idempotency scope", batch.idempotency->scope));
    TRY_DO(check_part("client token", batch.idempotency->token));
    TRY_DO(check_text("digest", batch.idempotency->digest, Empty::allowed));
    TRY_DO(check_body("the answer to keep", batch.idempotency->answer, bytes));
  }
  return {};
}

std::string_view parent_of(std::string_view id) {
  const auto slash = id.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : id.substr(0, slash + 1);
}

std::unexpected<Error> precondition_failed(const Precondition& precondition) {
  return conflict("precondition", precondition.otherwise);
}

std::unexpected<Error> name_taken(std::string_view name) {
  return conflict("name_taken", fmt::format("the name '{}' is already in use", name));
}

std::unexpected<Error> lease_lost() {
  return conflict("lease_lost", "the job is not leased to this worker any more");
}

std::unexpected<Error> token_used() {
  return conflict("token_used", "a call with this client token was made already");
}

std::string new_lease(std::string_view owner) {
  return fmt::format("{}/{}", owner, random_text(20, mixed_alphanumeric));
}

}  // namespace toolgate::store
