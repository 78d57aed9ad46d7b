// Requests to the AWS door. The input is a request as lines: method, target, host, header fields
// "name: value", an empty line, then the body. Whatever the bytes: an input that is read is an
// object, is checked without harm, and has no member that the contract does not know.
#include <cstddef>
#include <cstdint>
#include <string>

#include "aws/idempotency.h"
#include "aws/protocol.h"
#include "aws/router.h"
#include "aws/validate.h"
#include "base/limits.h"
#include "base/text.h"

using namespace toolgate;

namespace {

// Bodies are followed by bytes that may be read, as the server's are.
std::string body_of(std::string_view text) {
  std::string body{text};
  body.reserve(body.size() + limits::json_padding_bytes);
  return body;
}

void check_input(const aws::Route& route, const net::Request& request, const aws::RequestUri& uri) {
  const auto input =
      aws::protocol_of(*route.contract)
          .read(*route.operation, {.request = request, .uri = uri, .labels = route.labels});
  if (!input) {
    ASSERT(input.error().code == Code::invalid && !input.error().message.empty());
    return;
  }
  ASSERT(input->is_object());
  if (route.operation->input == nullptr) return;
  for (const auto& entry : input->get_object()) {
    ASSERT(route.operation->input->find(entry.key()) != nullptr);
  }
  const auto checked = aws::validate(*route.operation->input, *input, aws::PathStyle::coral);
  ASSERT(checked || (!checked.error().fields.empty() && checked.error().fields.size() <= 20));
  const auto text = aws::canonical_text(*input);
  const auto again = json::parse(text);
  ASSERT(again.has_value() && aws::canonical_text(*again) == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto head_end = text.find("\n\n");
  const auto lines = split(text.substr(0, head_end), '\n');
  if (lines.size() < 3) return 0;
  const std::string body =
      body_of(head_end == std::string_view::npos ? "" : text.substr(head_end + 2));

  net::Request request;
  request.method = lines[0];
  request.target = lines[1];
  const auto mark = lines[1].find('?');
  request.path = lines[1].substr(0, mark);
  if (mark != std::string_view::npos) request.query = lines[1].substr(mark + 1);
  request.host = lines[2];
  request.body = body;
  for (std::size_t i = 3; i < lines.size() && i < 100; ++i) {
    const auto colon = lines[i].find(':');
    if (colon == std::string_view::npos) continue;
    request.headers.add({lines[i].substr(0, colon), trim(lines[i].substr(colon + 1))});
  }

  (void)aws::is_aws_request(request);
  const auto uri = aws::RequestUri::parse(request.path, request.query);
  const auto route = aws::find_route(request, uri.value_or(aws::RequestUri{}));
  if (uri && route.operation != nullptr && route.operation->served) {
    check_input(route, request, *uri);
  }
  return 0;
}
