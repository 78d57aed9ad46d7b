// Documentation as plain text: models of AWS hold HTML.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace toolgate::targets::smithy {

// Tags go; paragraphs and line breaks become new lines, list items lines that begin with "- ";
// entities become characters; runs of white space become one. At most `bytes_max` of it, cut after
// a sentence or word where that is near.
[[nodiscard]] std::string plain_text(std::string_view html, std::size_t bytes_max);

}  // namespace toolgate::targets::smithy
