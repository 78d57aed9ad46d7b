#include "targets/openapi/convert.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/text.h"
#include "json/scan.h"
#include "mcp/protocol.h"
#include "targets/openapi/security_hints.h"

namespace toolgate::targets::openapi {
namespace {

// AWS quota "tool name character limit" 256, prefix included.
constexpr std::size_t tool_name_bytes_max = 256;
// What many models take (Anthropic, OpenAI, Bedrock Converse), prefix included.
constexpr std::size_t model_name_bytes_max = 64;
// All tools of a document together: references make them larger than the document.
constexpr std::size_t tools_bytes_max = 32 * 1024 * 1024;
// What converting may cost (References::effort): less than a second. Of four hundred documents of
// the wild the one that costs most, of 3 MB, takes an eighth.
constexpr std::size_t effort_max = 1'000'000;
// Of an operation's name, or of a reason, in a status.
constexpr std::size_t told_bytes_max = 1'000;
// Longer ones are no part of a URL that servers take.
constexpr std::size_t path_bytes_max = 4 * 1024;
// Reasons told when nothing could be converted.
constexpr std::size_t reasons_count_max = 10;

constexpr std::array<std::string_view, 7> methods{"get",     "put",  "post", "delete",
                                                  "options", "head", "patch"};

Result<void> check_version(const Json& document) {
  if (!document.is_object()) {
    return fail(Code::invalid, "The document must be an object with the member 'openapi'.");
  }
  if (const Json* swagger = json::find(document, "swagger")) {
    return fail(Code::invalid,
                fmt::format("The document is OpenAPI (Swagger) {}; 3.0 and 3.1 are served. Convert "
                            "it first, for example with swagger2openapi.",
                            json::print(*swagger)));
  }
  const Json* version = json::find(document, "openapi");
  if (version == nullptr) {
    return fail(Code::invalid,
                "The document has no member 'openapi': expected an OpenAPI 3.0 or 3.1 document.");
  }
  // Unquoted in YAML, 3.0 is a number.
  const std::string text =
      version->is_string() ? std::string{version->get_string().c_str()} : json::print(*version);
  if (!text.starts_with("3.0") && !text.starts_with("3.1")) {
    return fail(Code::invalid,
                fmt::format("The document is OpenAPI {}; 3.0 and 3.1 are served.", text));
  }
  return {};
}

class Converter {
 public:
  Converter(const Json& document, const Conversion& conversion)
      : document_{document},
        conversion_{conversion},
        references_{document},
        requests_{references_, Side::request},
        answers_{references_, Side::answer},
        workshop_{references_, requests_, answers_, conversion.credential},
        hints_{references_, conversion.credential, conversion.users_own} {}

  Result<Catalogue> convert() {
    const Json* paths = json::find(document_, "paths");
    if (paths == nullptr || !paths->is_object()) {
      return fail(Code::invalid, "The document has no paths: expected an object 'paths'.");
    }
    for (const auto& member : paths->get_object()) {
      const std::string_view path = member.key();
      if (path.starts_with('/')) {
        TRY_DO(add_path(path, member.value()));
      } else if (!path.starts_with("x-")) {
        skip(std::string{path}, "a path must begin with '/'");
      }
    }
    if (untold_ > 0) {
      made_.skipped.push_back(
          {.what = fmt::format("{} more", untold_), .why = "not told one by one"});
    }
    if (made_.tools.empty()) return nothing();
    add_notes();
    return std::move(made_);
  }

 private:
  Result<void> add_path(std::string_view path, const Json& value) {
    const auto item = references_.resolve({.value = &value, .pointer = {}});
    if (!item || !item->value->is_object()) {
      skip(std::string{path}, item ? "its path item is no object" : item.error().message);
      return {};
    }
    for (const auto& member : item->value->get_object()) {
      const std::string_view method = member.key();
      if (method == "trace") skip("TRACE " + std::string{path}, "TRACE is not served");
      if (std::ranges::find(methods, method) == methods.end()) continue;
      Operation operation{.path = std::string{path},
                          .method = std::string{method},
                          .item = item->value,
                          .operation = &member.value()};
      for (char& c : operation.method) c = static_cast<char>(c - 'a' + 'A');
      TRY_DO(add_operation(operation));
    }
    return {};
  }

  Result<void> add_operation(const Operation& operation) {
    if (!operation.operation->is_object()) {
      skip(operation.label(), "the operation is no object");
      return {};
    }
    std::optional<Chosen> chosen = Chosen{};
    if (conversion_.choose) {
      TRY(chosen, conversion_.choose(operation));
      if (!chosen) return {};
    }
    if (++operations_ > limits::catalogue_tools_count_max) {
      return fail(Code::quota,
                  fmt::format("The document has more than {} operations, the limit of one target.",
                              limits::catalogue_tools_count_max));
    }
    if (const std::string why = bound_reached(operation); !why.empty()) {
      skip(operation.label(), why);
      return {};
    }
    const Named named = name_of(operation, *chosen);
    auto made = make_tool(workshop_, operation, named.name, chosen->description);
    if (!made) {
      skip(operation.label(), made.error().message);
      return {};
    }
    spent_ += made->tool.input_schema.size() + made->tool.rest.size() + made->tool.recipe.size();
    const auto full =
        conversion_.target_name.size() + mcp::name_separator.size() + made->tool.name.size();
    long_names_ += full > model_name_bytes_max ? 1 : 0;
    outputs_left_out_ += made->output_left_out ? 1 : 0;
    if (made->schema_cut) {
      note(
          fmt::format("Tool {}: the deeper parts of its input schema are left out, because it is "
                      "too large; arguments are not checked there.",
                      made->tool.name));
    }
    if (!named.note.empty()) {
      (named.assumed ? made_.assumed : made_.notes).push_back(shortened(named.note));
    }
    names_.emplace(made->tool.name, 1);
    hints_.look_at(operation);
    made_.tools.push_back(std::move(made->tool));
    return {};
  }

  [[nodiscard]] std::string bound_reached(const Operation& operation) const {
    if (operation.path.size() > path_bytes_max) {
      return fmt::format("its path is longer than {} bytes", path_bytes_max);
    }
    if (spent_ > tools_bytes_max) {
      return fmt::format("all tools together would have more than {} bytes", tools_bytes_max);
    }
    if (references_.effort() > effort_max) {
      return "its references make the document too large to convert as a whole";
    }
    return {};
  }

  struct Named {
    std::string name;
    std::string note;      // when it is not the operationId
    bool assumed = false;  // for want of one that is unique
  };

  // The operationId, or a name of method and path; fit for models, unique, short enough.
  Named name_of(const Operation& operation, const Chosen& chosen) {
    std::string wanted = chosen.name;
    if (wanted.empty()) {
      wanted = json::find_string(*operation.operation, "operationId").value_or("");
    }
    std::string name = tool_name(wanted);
    const bool made = name.empty();
    if (made) name = made_name(operation);
    const std::size_t prefix = conversion_.target_name.size() + mcp::name_separator.size();
    const std::size_t room = tool_name_bytes_max - std::min(prefix, tool_name_bytes_max / 2);
    if (name.size() > room) name.resize(room);
    const std::string base = name;
    while (names_.contains(name)) {
      const std::string suffix = '_' + std::to_string(++names_[base]);
      name = base.substr(0, room - suffix.size()) + suffix;
    }
    const bool assumed = made || name != base;
    std::string told;
    if (made) {
      told = fmt::format("{} has no operationId: its tool is {}.", operation.label(), name);
    } else if (name != wanted) {
      told = fmt::format("The operationId '{}' of {} became the tool {}.", wanted,
                         operation.label(), name);
    }
    return {.name = std::move(name), .note = std::move(told), .assumed = assumed};
  }

  void skip(std::string what, std::string why) {
    if (made_.skipped.size() >= limits::catalogue_tools_count_max) {
      ++untold_;
      return;
    }
    made_.skipped.push_back({.what = shortened(std::move(what)), .why = shortened(std::move(why))});
  }
  // What a document says may be long, and is told in a status.
  static std::string shortened(std::string text) {
    if (text.size() <= told_bytes_max) return text;
    text.resize(told_bytes_max);
    return json::replace_broken_utf8(text) + " …";
  }
  void note(std::string text) { made_.notes.push_back(std::move(text)); }

  void add_notes() {
    for (auto& hint : hints_.notes()) note(std::move(hint));
    if (outputs_left_out_ > 0) {
      note(fmt::format("{} tools have no outputSchema, because it would be too large.",
                       outputs_left_out_));
    }
    if (long_names_ > 0) {
      note(
          fmt::format("{} tools have names of more than {} characters with their prefix, which "
                      "many models refuse.",
                      long_names_, model_name_bytes_max));
    }
  }

  [[nodiscard]] std::unexpected<Error> nothing() const {
    std::string text = "The document has no operation that can become a tool";
    for (std::size_t i = 0; i < std::min(made_.skipped.size(), reasons_count_max); ++i) {
      text += fmt::format("{}{}: {}", i == 0 ? ": " : "; ", made_.skipped[i].what,
                          made_.skipped[i].why);
    }
    if (made_.skipped.size() > reasons_count_max) text += "; …";
    return fail(Code::invalid, text + '.');
  }

  const Json& document_;
  const Conversion& conversion_;
  const References references_;
  Schemas requests_;
  Schemas answers_;
  Workshop workshop_;
  SecurityHints hints_;
  Catalogue made_;
  TextMap<int> names_;  // a tool's name, and the last number that was put behind it
  std::size_t operations_ = 0;
  std::size_t untold_ = 0;
  std::size_t spent_ = 0;
  std::size_t long_names_ = 0;
  std::size_t outputs_left_out_ = 0;
};

}  // namespace

std::string tool_name(std::string_view operation_id) {
  std::string name;
  for (const char c : trim(operation_id)) {
    if ((static_cast<unsigned char>(c) & 0xC0) == 0x80) continue;  // one '_' a character
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-';
    name += plain ? c : '_';
  }
  return name;
}

std::string made_name(const Operation& operation) {
  std::string name = lower(operation.method);
  bool between = true;
  for (const char c : tool_name(operation.path)) {
    if (c == '_') {
      between = true;
      continue;
    }
    if (between) name += '_';
    between = false;
    name += c;
  }
  return name;
}

Result<Catalogue> convert(const Json& document, const Conversion& conversion) {
  TRY_DO(check_version(document));
  return Converter{document, conversion}.convert();
}

}  // namespace toolgate::targets::openapi
