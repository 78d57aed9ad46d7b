// What JSON Schema needs of URIs (RFC 3986): resolving a reference against a base, by text alone.
#pragma once

#include <string>
#include <string_view>

namespace toolgate::json {

// The reference's target, without its fragment. Of a base without hierarchy ("urn:…") only a
// fragment or a whole URI can be resolved; anything else is taken as it is.
[[nodiscard]] std::string resolve_uri(std::string_view base, std::string_view reference);

// What stands after '#', with percent escapes undone; empty without one.
[[nodiscard]] std::string fragment_of(std::string_view reference);

}  // namespace toolgate::json
