// Keys and aliases in the store, how calls name them, and this service's errors.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "aws/call.h"
#include "aws/refuse.h"
#include "aws/writing.h"
#include "base/result.h"
#include "json/members.h"
#include "services/kms/service.h"
#include "store/documents.h"
#include "store/optimistic.h"

namespace toolgate::services::kms {

inline constexpr std::string_view kind_key = "kms_key";      // id: the key's UUID
inline constexpr std::string_view kind_alias = "kms_alias";  // id: "alias/NAME"

// A key's document: KeyMetadata under "metadata", and beside it "tags" (an object), "materials" (an
// array of {id, at, sealed}, the newest last) and "rotation" ({days, since}).
struct Key : store::Loaded {
  [[nodiscard]] const std::string& id() const { return key.id; }
  [[nodiscard]] std::string arn() const;
  [[nodiscard]] std::string state() const;
  [[nodiscard]] JsonObject& metadata() { return body["metadata"].get_object(); }
};

[[nodiscard]] store::Key key_of(const aws::Call& call, std::string_view kind, std::string_view id);
[[nodiscard]] std::string arn_of(const store::Key& place, std::string_view resource);
[[nodiscard]] double epoch_seconds(Time time);

// With the service's own word for it.
using aws::refuse;
[[nodiscard]] std::unexpected<Error> busy();
[[nodiscard]] std::unexpected<Error> no_key(std::string_view key_id);

// By UUID or key ARN; with Aliases::too also by alias name or ARN. The caller's permission for the
// operation is asked. Fails with NotFoundException, InvalidArnException, AccessDeniedException. A
// key whose time to be deleted has come is gone.
enum class Aliases : unsigned char { no, too };
// `action` names the permission where it is not the operation ("ReEncryptFrom").
Task<Result<Key>> load_key(Kms& kms, const aws::Call& call, std::string named, Aliases aliases,
                           std::string action = {});
// The key of the member KeyId.
Task<Result<Key>> load_key(Kms& kms, const aws::Call& call, Aliases aliases = Aliases::no);
// The key itself, for what has asked already; nothing when it is gone.
Task<Result<std::optional<Key>>> find_key(Kms& kms, store::Key key, Time now);

// DisabledException, KMSInvalidStateException.
[[nodiscard]] Result<void> check_usable(const Key& key);
[[nodiscard]] Result<void> check_not_pending(const Key& key);

// Writes the key as it was changed; a lost race (store/optimistic.h) when another call was faster:
// rows of operations that save are writing rows, with `busy` for who loses each time.
Task<Result<void>> save(Kms& kms, Key key);

// Grants are not served: a call that brings a token of one would be decided wrongly.
[[nodiscard]] Result<void> refuse_grants(const aws::Call& call);

// DryRunOperationException for a call that wants everything but the work.
[[nodiscard]] Result<void> end_dry_run(const aws::Call& call);

// Limit and Marker.
struct Page {
  std::size_t size = 100;
  std::string after;
};
[[nodiscard]] Result<Page> page_of(const aws::Call& call, std::size_t default_size = 100);
void end_page(const aws::Call& call, JsonObject& output, const std::string& next);

}  // namespace toolgate::services::kms
