// Heads of requests from strangers: whatever the bytes, a head is read the same in one piece and
// byte by byte, ends where its empty line ends, and says one thing about where its body ends.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/limits.h"
#include "base/result.h"
#include "base/text.h"
#include "net/parser.h"

using namespace toolgate;

namespace {

void check_refusal(const net::RequestParser& parser) {
  ASSERT(parser.refusal_status() >= 400 && parser.refusal_status() < 600);
  ASSERT(!parser.refusal().empty());
}

void check_taken(const net::RequestParser& parser, std::string_view bytes) {
  const auto& head = parser.head;
  ASSERT(parser.head_bytes() <= bytes.size());
  ASSERT(parser.head_bytes() <= limits::http_head_bytes_max);
  const auto taken = bytes.substr(0, parser.head_bytes());
  ASSERT(taken.ends_with("\r\n\r\n"));
  ASSERT(net::is_token(head.method));
  if (head.method == "CONNECT") {
    ASSERT(net::split_authority(head.target)->has_port && head.body == net::BodyKind::none);
  } else {
    ASSERT(head.target.starts_with('/') || head.target == "*");
  }
  ASSERT(head.target.size() <= net::target_bytes_max);
  ASSERT(head.version_1_0 || !head.host.empty());
  if (!head.host.empty()) ASSERT(net::split_authority(head.host).has_value());
  ASSERT(parser.fields.size() <= limits::http_headers_count_max);

  int lengths = 0;
  int encodings = 0;
  int hosts = 0;
  for (const auto& field : parser.fields) {
    ASSERT(net::is_token(field.name) && trim(field.value) == field.value);
    ASSERT(field.value.find_first_of(std::string_view{"\r\n\0", 3}) == std::string_view::npos);
    lengths += equal_ignoring_case(field.name, "content-length") ? 1 : 0;
    encodings += equal_ignoring_case(field.name, "transfer-encoding") ? 1 : 0;
    hosts += equal_ignoring_case(field.name, "host") ? 1 : 0;
  }
  ASSERT(lengths + encodings <= 1 && hosts <= 1);
  ASSERT((head.body == net::BodyKind::chunked) == (encodings == 1));
  ASSERT((head.body == net::BodyKind::length) == (head.body_bytes > 0));
  ASSERT(head.body != net::BodyKind::until_close);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A copy of exactly this size: what is read behind its end is found.
  const std::string copy{reinterpret_cast<const char*>(data), size};
  const std::string_view bytes{copy};
  net::RequestParser whole;
  const auto verdict = whole.parse(bytes);
  if (verdict == net::Parsed::refused) check_refusal(whole);
  if (verdict == net::Parsed::done) check_taken(whole, bytes);

  // The first byte decides how the bytes come in: one by one, or by as many as it says.
  const std::size_t step = size == 0 ? 1 : 1 + data[0] % 61;
  net::RequestParser pieces;
  auto state = net::Parsed::more;
  std::size_t given = 0;
  while (given < size && state == net::Parsed::more) {
    given = std::min(size, given + step);
    state = pieces.parse(bytes.substr(0, given));
  }
  ASSERT(state == verdict);
  if (verdict == net::Parsed::done) {
    ASSERT(pieces.head_bytes() == whole.head_bytes());
    ASSERT(pieces.head.target == whole.head.target && pieces.head.host == whole.head.host);
    ASSERT(pieces.head.body == whole.head.body && pieces.head.keep_alive == whole.head.keep_alive);
    ASSERT(pieces.fields.size() == whole.fields.size());
  }
  // A parser that is used again remembers nothing.
  pieces.reset();
  ASSERT(pieces.parse(bytes) == verdict);
  return 0;
}
