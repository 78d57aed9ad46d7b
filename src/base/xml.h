// Text inside XML and HTML that we write. The room xml/ reads what others have written.
#pragma once

#include <string>
#include <string_view>

namespace toolgate {

// False: it has characters that no XML 1.0 document may hold, escaped or not (§2.2).
[[nodiscard]] bool fits_xml(std::string_view text);

// As it stands as an element's content or between an attribute's double quotes: a reader gets the
// same text, line ends and tabs included. Characters that do not fit come as U+FFFD.
void escape_xml_to(std::string& out, std::string_view text);

}  // namespace toolgate
