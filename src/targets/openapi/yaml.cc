// YAML by libyaml's events, which keeps nothing of its own: what aliases repeat is counted as it is
// copied, so that a document of a few lines cannot become one of gigabytes.
#include <yaml.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/text.h"
#include "targets/openapi/document.h"

namespace toolgate::targets::openapi {
namespace {

// What anchors and aliases may make beside what the text itself says. Real documents repeat some
// hundreds of lines so.
constexpr std::size_t copied_values_count_max = 200'000;
constexpr std::size_t copied_bytes_max = 16 * 1024 * 1024;

std::string_view view(const yaml_char_t* text) {
  return text == nullptr ? std::string_view{} : reinterpret_cast<const char*>(text);
}

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

template <class Number>
std::optional<Number> number_in(std::string_view text, int base) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<Json> integer_of(std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with('+') || digits.starts_with('-')) digits.remove_prefix(1);
  if (!all_digits(digits)) return std::nullopt;
  if (text.starts_with('+')) text.remove_prefix(1);
  if (const auto number = number_in<std::int64_t>(text, 10)) return Json(*number);
  if (const auto number = number_in<std::uint64_t>(text, 10)) return Json(*number);
  return std::nullopt;  // the caller reads it as a float
}

std::optional<Json> float_of(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::string_view rest = text.starts_with('-') ? text.substr(1) : text;
  // from_chars also takes "inf" and "nan", which JSON cannot say.
  if (rest.empty() || (rest[0] != '.' && (rest[0] < '0' || rest[0] > '9')) || rest == ".") {
    return std::nullopt;
  }
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return Json(number);
}

// A plain scalar by YAML 1.2's core schema (10.3.2): "yes" and dates stay text.
Json plain(std::string_view text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") {
    return nullptr;
  }
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  if (text.starts_with("0x")) {
    if (const auto number = number_in<std::uint64_t>(text.substr(2), 16)) return *number;
  }
  if (text.starts_with("0o")) {
    if (const auto number = number_in<std::uint64_t>(text.substr(2), 8)) return *number;
  }
  if (auto integer = integer_of(text)) return *std::move(integer);
  if (auto number = float_of(text)) return *std::move(number);
  return boost::json::string{text};
}

class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { clear(); }
  void clear() {
    if (set_) yaml_event_delete(&event_);
    set_ = false;
  }
  bool read(yaml_parser_t& parser) {
    clear();
    set_ = yaml_parser_parse(&parser, &event_) == 1;
    return set_;
  }
  [[nodiscard]] yaml_event_type_t type() const { return event_.type; }
  [[nodiscard]] const yaml_event_t& operator*() const { return event_; }
  [[nodiscard]] std::string anchor() const {
    switch (event_.type) {
      case YAML_SCALAR_EVENT:
        return std::string{view(event_.data.scalar.anchor)};
      case YAML_SEQUENCE_START_EVENT:
        return std::string{view(event_.data.sequence_start.anchor)};
      case YAML_MAPPING_START_EVENT:
        return std::string{view(event_.data.mapping_start.anchor)};
      default:
        return {};
    }
  }

 private:
  yaml_event_t event_{};
  bool set_ = false;
};

class Reader {
 public:
  explicit Reader(std::string_view text) {
    ready_ = yaml_parser_initialize(&parser_) == 1;
    if (!ready_) return;
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() {
    if (ready_) yaml_parser_delete(&parser_);
  }

  Result<Json> read() {
    if (!ready_) return fail(Code::internal, "no memory for a YAML parser");
    Event event;
    TRY_DO(next(event));  // the stream
    TRY_DO(next(event));
    if (event.type() != YAML_DOCUMENT_START_EVENT)
      return fail(Code::invalid, "The document is empty.");
    TRY_DO(next(event));
    TRY(Json value, node(event, 0));
    TRY_DO(next(event));
    TRY_DO(next(event));
    if (event.type() != YAML_STREAM_END_EVENT) return wrong(event, "a second YAML document");
    return value;
  }

 private:
  struct Anchored {
    Json value;
    std::size_t values = 0;
    std::size_t bytes = 0;
    std::size_t levels = 0;  // below its own
  };

  static std::unexpected<Error> wrong_at(const yaml_mark_t& mark, std::string_view what) {
    return fail(Code::invalid, fmt::format("The document is no YAML: line {}, column {}: {}.",
                                           mark.line + 1, mark.column + 1, what));
  }
  static std::unexpected<Error> wrong(const Event& event, std::string_view what) {
    return wrong_at((*event).start_mark, what);
  }

  Result<void> next(Event& event) {
    if (event.read(parser_)) return {};
    std::string what = parser_.problem == nullptr ? "unreadable" : parser_.problem;
    if (parser_.context != nullptr) what = fmt::format("{} {}", parser_.context, what);
    return wrong_at(parser_.problem_mark, what);
  }

  // Counts a value of the text, or what is copied.
  void made(std::size_t values, std::size_t bytes) {
    values_ += values;
    bytes_ += bytes;
  }
  Result<void> pay(const Event& event, const Anchored& copy) {
    copied_values_ += copy.values;
    copied_bytes_ += copy.bytes;
    if (copied_values_ <= copied_values_count_max && copied_bytes_ <= copied_bytes_max) return {};
    return wrong(event, "its anchors and aliases repeat too much");
  }

  Result<Json> node(Event& event, std::size_t depth) {
    if (event.type() == YAML_ALIAS_EVENT) return alias(event, depth);
    if (depth >= limits::json_depth_max) {
      return wrong(event, fmt::format("more than {} levels", limits::json_depth_max));
    }
    const std::string anchor = event.anchor();
    const std::size_t values = values_;
    const std::size_t bytes = bytes_;
    const std::size_t deepest = std::exchange(deepest_, depth);
    auto value = content(event, depth);
    const std::size_t levels = deepest_ - depth;
    deepest_ = std::max(deepest, deepest_);
    if (value && !anchor.empty()) {
      Anchored kept{
          .value = {}, .values = values_ - values, .bytes = bytes_ - bytes, .levels = levels};
      TRY_DO(pay(event, kept));
      kept.value = *value;
      anchors_.insert_or_assign(anchor, std::move(kept));
    }
    return value;
  }

  Result<Json> alias(const Event& event, std::size_t depth) {
    const auto name = view((*event).data.alias.anchor);
    const auto found = anchors_.find(name);
    if (found == anchors_.end()) {
      return wrong(event, fmt::format("the alias *{} has no anchor before it", name));
    }
    if (depth + found->second.levels >= limits::json_depth_max) {
      return wrong(event, fmt::format("more than {} levels", limits::json_depth_max));
    }
    deepest_ = std::max(deepest_, depth + found->second.levels);
    TRY_DO(pay(event, found->second));
    made(found->second.values, found->second.bytes);
    return found->second.value;
  }

  Result<Json> content(Event& event, std::size_t depth) {
    made(1, 0);
    if (values_ > document_values_count_max) return too_many_values();
    switch (event.type()) {
      case YAML_SCALAR_EVENT:
        return scalar(event);
      case YAML_SEQUENCE_START_EVENT:
        return sequence(event, depth);
      case YAML_MAPPING_START_EVENT:
        return mapping(event, depth);
      default:
        return wrong(event, "a value was expected");
    }
  }

  Json scalar(const Event& event) {
    const auto& data = (*event).data.scalar;
    const std::string_view text{reinterpret_cast<const char*>(data.value), data.length};
    made(0, text.size());
    const bool is_text = data.style != YAML_PLAIN_SCALAR_STYLE || view(data.tag).ends_with(":str");
    return is_text ? Json(boost::json::string{text}) : plain(text);
  }

  Result<Json> sequence(Event& event, std::size_t depth) {
    JsonArray items;
    for (;;) {
      TRY_DO(next(event));
      if (event.type() == YAML_SEQUENCE_END_EVENT) return Json(std::move(items));
      TRY(Json item, node(event, depth + 1));
      items.push_back(std::move(item));
    }
  }

  Result<Json> mapping(Event& event, std::size_t depth) {
    JsonObject members;
    std::vector<Json> merged;
    for (;;) {
      TRY_DO(next(event));
      if (event.type() == YAML_MAPPING_END_EVENT) break;
      if (event.type() == YAML_ALIAS_EVENT) return wrong(event, "a key cannot be an alias");
      if (event.type() != YAML_SCALAR_EVENT) return wrong(event, "a key must be text");
      const auto& data = (*event).data.scalar;
      const std::string key{reinterpret_cast<const char*>(data.value), data.length};
      const bool merge = key == "<<" && data.style == YAML_PLAIN_SCALAR_STYLE;
      made(0, key.size());
      TRY_DO(next(event));
      TRY(Json value, node(event, depth + 1));
      if (merge) {
        merged.push_back(std::move(value));
      } else {
        members.insert_or_assign(key, std::move(value));
      }
    }
    for (const auto& value : merged) merge_into(members, value);
    return Json(std::move(members));
  }

  // "<<: *a" and "<<: [*a, *b]": members that the mapping has itself win, then earlier ones.
  static void merge_into(JsonObject& members, const Json& value) {
    if (const auto* object = value.if_object()) {
      for (const auto& member : *object) members.insert(member);
    } else if (const auto* list = value.if_array()) {
      for (const auto& item : *list) {
        if (item.is_object()) merge_into(members, item);
      }
    }
  }

  yaml_parser_t parser_{};
  bool ready_ = false;
  TextMap<Anchored> anchors_;
  std::size_t values_ = 0;
  std::size_t bytes_ = 0;
  std::size_t deepest_ = 0;  // level reached since it was last set
  std::size_t copied_values_ = 0;
  std::size_t copied_bytes_ = 0;
};

}  // namespace

Result<Json> read_yaml(std::string_view text) { return Reader{text}.read(); }

}  // namespace toolgate::targets::openapi
