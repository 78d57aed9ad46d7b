// Heads of answers from upstreams: the same promises as for requests.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/limits.h"
#include "base/result.h"
#include "base/text.h"
#include "net/parser.h"

using namespace toolgate;

namespace {

void check_taken(const net::ResponseParser& parser, std::string_view bytes) {
  const auto& head = parser.head;
  ASSERT(parser.head_bytes() <= std::min(bytes.size(), limits::http_head_bytes_max));
  ASSERT(bytes.substr(0, parser.head_bytes()).ends_with("\r\n"));
  ASSERT(head.status >= 100 && head.status <= 999);
  ASSERT(parser.fields.size() <= limits::http_headers_count_max);
  int framings = 0;
  for (const auto& field : parser.fields) {
    ASSERT(net::is_token(field.name) && trim(field.value) == field.value);
    ASSERT(field.value.find_first_of(std::string_view{"\r\n\0", 3}) == std::string_view::npos);
    framings += equal_ignoring_case(field.name, "content-length") ? 1 : 0;
    framings += equal_ignoring_case(field.name, "transfer-encoding") ? 1 : 0;
  }
  ASSERT(framings <= 1);
  ASSERT((head.body == net::BodyKind::until_close) == (framings == 0));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string copy{reinterpret_cast<const char*>(data), size};
  const std::string_view bytes{copy};
  net::ResponseParser whole;
  const auto verdict = whole.parse(bytes);
  if (verdict == net::Parsed::refused) ASSERT(!whole.refusal().empty());
  if (verdict == net::Parsed::done) check_taken(whole, bytes);

  const std::size_t step = size == 0 ? 1 : 1 + data[size - 1] % 61;
  net::ResponseParser pieces;
  auto state = net::Parsed::more;
  for (std::size_t given = 0; given < size && state == net::Parsed::more;) {
    given = std::min(size, given + step);
    state = pieces.parse(bytes.substr(0, given));
  }
  ASSERT(state == verdict);
  if (verdict == net::Parsed::done) {
    ASSERT(pieces.head_bytes() == whole.head_bytes() && pieces.head.status == whole.head.status);
    ASSERT(pieces.head.body == whole.head.body);
    ASSERT(pieces.head.body_bytes == whole.head.body_bytes);
  }
  return 0;
}
