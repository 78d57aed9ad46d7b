#include "aws/validate.h"

#include <fmt/format.h>

#include "aws/scalars.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace toolgate::aws {
namespace {

constexpr std::size_t errors_count_max = 20;
constexpr std::size_t value_bytes_max = 256;  // of a wrong value that a message repeats

std::size_t code_points(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

std::string shortened(std::string_view text) {
  if (text.size() <= value_bytes_max) return std::string{text};
  std::size_t end = value_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string{text.substr(0, end)} + "…";
}

std::string number_text(double number) {
  return std::trunc(number) == number ? fmt::format("{:.0f}", number) : fmt::format("{}", number);
}

class Validator {
 public:
  explicit Validator(PathStyle style) : style_{style} {}

  void check(const Shape& shape, const Json& value) {
    if (full()) return;
    switch (shape.type) {
      case Type::structure:
        check_structure(shape, value.get_object());
        break;
      case Type::list:
        check_list(shape, value.get_array());
        break;
      case Type::map:
        check_map(shape, value.get_object());
        break;
      case Type::string:
        check_string(shape, value);
        break;
      case Type::blob:
        check_blob(shape, value);
        break;
      case Type::integer:
      case Type::long_integer:
      case Type::floating:
        check_number(shape, value);
        break;
      case Type::boolean:
      case Type::timestamp:
      case Type::document:
        break;
    }
  }

  Result<void> result() {
    if (fields_.empty()) return {};
    Error error{.code = Code::invalid,
                .message = fmt::format("{} validation error{} detected: {}", fields_.size(),
                                       fields_.size() == 1 ? "" : "s", join(sentences_, "; ")),
                .detail = {},
                .name = "ValidationException",
                .fields = std::move(fields_)};
    return std::unexpected(std::move(error));
  }

 private:
  [[nodiscard]] bool full() const { return fields_.size() >= errors_count_max; }

  // Adds a step to the path while it lives.
  class Step {
   public:
    Step(std::string& path, std::string_view text) : path_{path}, before_{path.size()} {
      path_ += text;
    }
    ~Step() { path_.resize(before_); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    std::string& path_;
    std::size_t before_;
  };

  [[nodiscard]] std::string member_step(std::string_view name) const {
    std::string text{path_.empty() ? "" : "."};
    text += name;
    if (style_ == PathStyle::coral && !name.empty()) {
      auto& first = text[text.size() - name.size()];
      if (first >= 'A' && first <= 'Z') first = static_cast<char>(first + 32);
    }
    return text;
  }
  [[nodiscard]] std::string item_step(std::size_t index) const {
    return style_ == PathStyle::coral ? fmt::format(".{}.member", index + 1)
                                      : fmt::format("[{}]", index);
  }

  // `value` as the message shows it: "'x' ", "null ", or empty when it is not shown.
  void wrong(std::string_view value, std::string constraint) {
    if (full()) return;
    sentences_.push_back(
        fmt::format("Value {}at '{}' failed to satisfy constraint: {}", value, path_, constraint));
    fields_.push_back({path_, std::move(constraint)});
  }
  static std::string shown(const Shape& shape, std::string_view value) {
    return shape.sensitive ? std::string{} : fmt::format("'{}' ", shortened(value));
  }

  void check_size(const Shape& shape, std::size_t size, std::string_view value) {
    const auto number = static_cast<double>(size);
    if (shape.min && number < *shape.min) {
      wrong(value, fmt::format("Member must have length greater than or equal to {}",
                               number_text(*shape.min)));
    } else if (shape.max && number > *shape.max) {
      wrong(value, fmt::format("Member must have length less than or equal to {}",
                               number_text(*shape.max)));
    }
  }

  void check_string(const Shape& shape, const Json& json) {
    const std::string_view value{json.get_string()};
    if (shape.min || shape.max) check_size(shape, code_points(value), shown(shape, value));
    if (!shape.values.empty() && std::ranges::find(shape.values, value) == shape.values.end()) {
      wrong(shown(shape, value),
            fmt::format("Member must satisfy enum value set: [{}]", fmt::join(shape.values, ", ")));
    }
    if (shape.pattern && !shape.pattern->matches(value)) {
      wrong(shown(shape, value), fmt::format("Member must satisfy regular expression pattern: {}",
                                             shape.pattern->text()));
    }
  }

  void check_blob(const Shape& shape, const Json& json) {
    if (!shape.min && !shape.max) return;
    const auto bytes = crypto::from_base64(json.get_string());
    if (bytes) check_size(shape, bytes->size(), "");
  }

  void check_number(const Shape& shape, const Json& json) {
    const double value = json.to_number<double>();
    if (shape.min && value < *shape.min) {
      wrong(shown(shape, json::print(json)),
            fmt::format("Member must have value greater than or equal to {}",
                        number_text(*shape.min)));
    } else if (shape.max && value > *shape.max) {
      wrong(
          shown(shape, json::print(json)),
          fmt::format("Member must have value less than or equal to {}", number_text(*shape.max)));
    }
  }

  void check_structure(const Shape& shape, const JsonObject& object) {
    std::size_t set = 0;
    for (const auto& member : shape.members) {
      const Json* value = object.if_contains(member.name);
      const Step step{path_, member_step(member.name)};
      if (value != nullptr) {
        ++set;
        check(*member.shape, *value);
      } else if (member.required && !member.streams()) {
        wrong("null ", "Member must not be null");
      }
    }
    if (shape.is_union && set != 1) {
      std::vector<std::string_view> names;
      for (const auto& member : shape.members) names.push_back(member.name);
      wrong("", fmt::format("Member must have exactly one of [{}] set", fmt::join(names, ", ")));
    }
  }

  void check_list(const Shape& shape, const JsonArray& array) {
    check_size(shape, array.size(), array.empty() ? "'[]' " : "");
    for (std::size_t i = 0; i < array.size() && !full(); ++i) {
      const Step step{path_, item_step(i)};
      check(*shape.element->shape, array[i]);
    }
  }

  void check_map(const Shape& shape, const JsonObject& object) {
    check_size(shape, object.size(), object.empty() ? "'{}' " : "");
    for (const auto& [name, value] : object) {
      if (full()) break;
      // Even one that the contract calls sensitive, as names of a function's variables are: a
      // caller with forty of them must be told which is wrong. Values are another matter.
      const Step step{path_, "." + shortened(std::string_view{name})};
      check(*shape.key->shape, Json(name));
      check(*shape.element->shape, value);
    }
  }

  PathStyle style_;
  std::string path_;
  std::vector<std::string> sentences_;
  std::vector<Error::Field> fields_;
};

}  // namespace

Result<void> validate(const Shape& shape, const Json& input, PathStyle style) {
  Validator validator{style};
  validator.check(shape, input);
  return validator.result();
}

}  // namespace toolgate::aws
