// A prompt for the stand-in: the first line is the input schema of the tool that it may call. What
// is missing is not among the values, and a reply always has content.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "services/bedrock_runtime/arguments.h"
#include "services/bedrock_runtime/stand_in.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace toolgate;
  using namespace toolgate::services::bedrock_runtime;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto line = text.find('\n');
  const auto schema = json::parse(text.substr(0, line));
  if (line == std::string_view::npos || !schema) return 0;
  const auto prompt = text.substr(line + 1);
  const auto made = arguments_for(*schema, prompt);
  for (const auto& name : made.missing) ASSERT(!made.values.contains(name));
  const Json tool(
      JsonObject{{"toolSpec", JsonObject{{"name", "send_message"},
                                         {"inputSchema", JsonObject{{"json", *schema}}}}}});
  const Json message(
      JsonObject{{"role", "user"}, {"content", JsonArray{Json(JsonObject{{"text", prompt}})}}});
  const Json input(JsonObject{{"messages", JsonArray{message}},
                              {"toolConfig", JsonObject{{"tools", JsonArray{tool}}}}});
  const auto reply = stand_in_reply(input);
  ASSERT(reply && !reply->content.empty());
  return 0;
}
