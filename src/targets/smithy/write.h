// Arguments as the bytes of a request, by the shapes of the operation's input. Every function
// fails with Code::invalid and the argument's path. Arguments have passed the tool's schema, so
// what the shape does not know is left out.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "targets/smithy/model.h"
#include "targets/smithy/node.h"

namespace toolgate::targets::smithy {

// The name of a member in JSON: jsonName counts in restJson1 alone.
enum class JsonNames : std::uint8_t { model, json_name };

// One value of any shape.
Result<void> write_json(std::string& out, const Member& member, Node value, JsonNames names);

struct Pair {
  std::string name;
  std::string value;  // not yet %-encoded
};
using Pairs = std::vector<Pair>;
enum class QueryDialect : std::uint8_t { aws, ec2 };
Result<void> write_query(Pairs& out, const Shape& input, Node arguments, QueryDialect dialect);

// Whether members of this structure may be bound to other places of the message than its body.
enum class Bound : std::uint8_t { nowhere, elsewhere };

// One element named `name`, with `inherited` as its namespace unless it has its own.
struct XmlRoot {
  std::string_view name;
  XmlNamespace inherited;
  Bound bound = Bound::nowhere;
};
Result<void> write_xml(std::string& out, const Member& member, Node value, XmlRoot root);

// A simple value as text: in labels, query parameters, headers, form fields and XML. Timestamps as
// the member says, else as `time` says; blobs stay base64.
Result<std::string> simple_text(const Member& member, Node value, TimeFormat time);

// What the member is called in the model's XML.
[[nodiscard]] inline std::string_view xml_name_of(const Member& member) {
  return member.xml_name.empty() ? member.name : member.xml_name;
}

[[nodiscard]] std::unexpected<Error> bad_argument(std::string_view name, std::string_view expected);

}  // namespace toolgate::targets::smithy
