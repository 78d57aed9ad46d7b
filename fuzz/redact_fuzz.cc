// Bodies of strangers on their way into a log: whatever they are, redaction ends, gives a record
// that is JSON, and a value that it took out stands nowhere in what is left of it.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "json/json.h"
#include "vended/record.h"
#include "vended/redact.h"

using namespace toolgate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string body{reinterpret_cast<const char*>(data), size};
  std::vector<std::string> values;
  const auto once = vended::redact({.text = body, .marked = "card\n", .values = &values});
  std::string left = once.text.value_or(body);
  ASSERT(left.size() <= 2 * body.size() * (vended::redacted.size() + 2) + 64);
  for (const auto& value : values) {
    vended::take_out(left, value, vended::End::was_cut);
  }
  vended::Recorder recorder;
  vended::Entry entry{.account = "123456789012", .region = "r", .gateway_id = "g", .id = "1"};
  entry.body = body;
  entry.body_bytes = body.size();
  ASSERT(json::parse(recorder.record(entry).print()).has_value());
  return 0;
}
