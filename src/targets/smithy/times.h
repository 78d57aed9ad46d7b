// Points in time as they stand in requests. Arguments give them as date-time, HTTP date or seconds
// since 1970; the model says which form goes out where.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "targets/smithy/model.h"

namespace toolgate::targets::smithy {

struct Moment {
  std::int64_t seconds = 0;       // since 1970
  std::int32_t microseconds = 0;  // 0 to 999,999
};

// "2026-11-21T04:05:06.789Z" (also with an offset, or a space for the T), a date alone,
// "Sat, 21 Nov 2026 04:05:06 GMT", "1793506506.789". Nothing for anything else.
[[nodiscard]] std::optional<Moment> parse_moment(std::string_view text);

// `format` is not by_place. Fractions are left out where there are none; an HTTP date has none.
[[nodiscard]] std::string print_moment(Moment moment, TimeFormat format);

}  // namespace toolgate::targets::smithy
