// What a reader asks of an object before it is read: conditions and ranges.
#pragma once

#include "services/s3/receive.h"

namespace toolgate::services::s3 {

// Names of the members, which differ for the source of a copy.
struct ConditionMembers {
  std::string_view match = "IfMatch";
  std::string_view none_match = "IfNoneMatch";
  std::string_view modified = "IfModifiedSince";
  std::string_view unmodified = "IfUnmodifiedSince";
};
inline constexpr ConditionMembers copy_source_conditions{
    "CopySourceIfMatch", "CopySourceIfNoneMatch", "CopySourceIfModifiedSince",
    "CopySourceIfUnmodifiedSince"};

enum class Verdict : unsigned char { go_on, not_modified };
// RFC 9110 §13.2.2. Fails with PreconditionFailed.
[[nodiscard]] Result<Verdict> check_conditions(const aws::Call& call, const Json& object,
                                               const ConditionMembers& names = {});

// A Range header of one range. Nothing for what is to be ignored: several ranges, another unit,
// malformed ones. Fails with InvalidRange.
[[nodiscard]] Result<std::optional<Extent>> range_of(std::string_view header, std::uint64_t size);

}  // namespace toolgate::services::s3
