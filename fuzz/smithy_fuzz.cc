// A Smithy model, a zero byte, arguments, a zero byte, an answer's body: tools, requests and
// outputs are made in bounded time; each tool's definition is JSON, each recipe is read again, each
// output is a JSON object.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "json/json.h"
#include "json/scan.h"
#include "json/tape.h"
#include "targets/smithy/read.h"
#include "targets/smithy/recipe.h"
#include "targets/smithy/request.h"
#include "targets/smithy/tools.h"

using namespace toolgate;
using namespace toolgate::targets;

namespace {

std::string cut(std::string_view& bytes) {
  const auto zero = bytes.find('\0');
  std::string part{bytes.substr(0, zero)};
  bytes = zero == bytes.npos ? std::string_view{} : bytes.substr(zero + 1);
  return part;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const std::string model = cut(bytes);
  const std::string arguments = cut(bytes);
  const std::string body = cut(bytes);
  const auto catalogue = smithy::tools_of(model, {.target_name = "t", .region = "us-east-1"});
  if (!catalogue) {
    ASSERT(!catalogue.error().message.empty());
    return 0;
  }
  json::Tape tape;
  const bool readable = tape.read(arguments) && json::is_utf8(arguments);
  for (const auto& tool : catalogue->tools) {
    ASSERT(json::parse('{' + tool.rest + '}'));
    const auto operation = smithy::Operation::parse(tool.recipe);
    ASSERT(operation);
    if (readable) {
      const auto request = smithy::write_request(**operation, tape, true);
      if (request) ASSERT(request->target.starts_with('/'));
      (void)smithy::endpoint_for(**operation, tape);
      (void)smithy::host_prefix_for(**operation, tape);
    }
    net::ClientResponse answer;
    answer.status = 200;
    answer.body = body;
    const auto output = smithy::read_output(**operation, answer);
    if (output && json::is_utf8(body)) ASSERT(json::parse(*output));
    (void)smithy::read_error(**operation, answer);
  }
  return 0;
}
