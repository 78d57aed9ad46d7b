#include "targets/smithy/bindings.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "crypto/hash.h"
#include "net/parser.h"
#include "targets/smithy/write.h"

namespace toolgate::targets::smithy {
namespace {

const Member* label_of(const Shape* input, std::string_view name) {
  if (input == nullptr) return nullptr;
  const Member* found = input->find(name);
  return found != nullptr && found->place == Place::label ? found : nullptr;
}

// What SDKs do for Route 53, whose answers name a zone "/hostedzone/Z1" and whose paths "Z1".
std::string short_id(const Member& member, std::string text) {
  const auto shape = member.target->name();
  if (shape != "ResourceId" && shape != "DelegationSetId" && shape != "ChangeId") return text;
  return text.substr(text.rfind('/') + 1);
}

// A server or proxy takes "." and ".." for steps in the path, which would lead a signed request to
// another operation. Only S3 has keys with such parts, and takes its paths as they are.
bool has_steps(const Operation& operation, bool greedy, std::string_view text) {
  if (!greedy) return text == "." || text == "..";
  if (operation.signing_name == "s3" && text != "." && text != "..") return false;
  return std::ranges::any_of(split(text, '/'),
                             [](std::string_view part) { return part == "." || part == ".."; });
}

// "/a/{b}/{c+}" with its labels filled in.
Result<std::string> path_of(std::string_view pattern, const Operation& operation, Node arguments) {
  const Shape* const input = operation.input;
  std::string out;
  while (!pattern.empty()) {
    const auto open = pattern.find('{');
    out += pattern.substr(0, open);
    if (open == pattern.npos) break;
    const auto end = pattern.find('}', open);
    if (end == pattern.npos) return bad_argument("uri", "a closing brace in the model");
    auto name = pattern.substr(open + 1, end - open - 1);
    const bool greedy = name.ends_with('+');
    if (greedy) name.remove_suffix(1);
    const Member* member = label_of(input, name);
    if (member == nullptr) return bad_argument(name, "a member with httpLabel in the model");
    const auto value = arguments.find(name);
    if (!value) return bad_argument(name, "a value, for it is in the request's path");
    TRY(std::string text, simple_text(*member, *value, TimeFormat::date_time));
    if (operation.short_ids) text = short_id(*member, std::move(text));
    if (text.empty()) return bad_argument(name, "no empty value, for it is in the request's path");
    if (has_steps(operation, greedy, text)) {
      return bad_argument(name, "no part of the path that is dots alone");
    }
    out += percent_encode(text, greedy ? "/" : "");
    pattern.remove_prefix(end + 1);
  }
  return out;
}

class QueryString {
 public:
  explicit QueryString(std::string_view literal) : text_{literal} {
    for (const auto part : split(literal, '&')) names_.emplace_back(part.substr(0, part.find('=')));
  }
  void add(std::string_view name, std::string_view value) {
    if (!text_.empty()) text_ += '&';
    text_ += percent_encode(name) + '=' + percent_encode(value);
  }
  void keep(std::string_view name) { names_.emplace_back(name); }
  [[nodiscard]] bool has(std::string_view name) const {
    return std::ranges::find(names_, name) != names_.end();
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  std::vector<std::string> names_;
};

Result<void> add_values(QueryString& query, std::string_view name, const Member& member,
                        Node value) {
  if (value.kind() != Node::Kind::array) {
    TRY(const std::string text, simple_text(member, value, TimeFormat::date_time));
    query.add(name, text);
    return {};
  }
  const Member& item = member.target->members[0];
  Result<void> done;
  value.items([&](Node each) {
    if (!done || each.is_null()) return;
    auto text = simple_text(item, each, TimeFormat::date_time);
    if (!text) {
      done = std::unexpected(std::move(text).error());
    } else {
      query.add(name, *text);
    }
  });
  return done;
}

Result<void> add_query(const Shape& input, Node arguments, QueryString& query) {
  for (const auto& member : input.members) {
    if (member.place != Place::query) continue;
    const auto value = arguments.find(member.name);
    if (!value) continue;
    query.keep(member.place_name);
    TRY_DO(add_values(query, member.place_name, member, *value));
  }
  // A parameter that has a member of its own is not taken from the map (Smithy, httpQueryParams).
  for (const auto& member : input.members) {
    const auto value =
        member.place == Place::query_map ? arguments.find(member.name) : std::nullopt;
    if (!value || member.target->type != Type::map) continue;
    Result<void> done;
    value->members([&](Node name, Node each) {
      const std::string key = name.text();
      if (!done || each.is_null() || query.has(key)) return;
      done = add_values(query, key, member.target->members[1], each);
    });
    TRY_DO(done);
  }
  return {};
}

// A text within a list is quoted where a comma or quote is in it.
std::string list_text(std::string text) {
  if (text.find_first_of(",\"") == text.npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '\\';
    out += c;
  }
  return out + '"';
}

Result<std::string> header_text(const Member& member, Node value) {
  if (value.kind() != Node::Kind::array) {
    if (member.target->type == Type::document) return crypto::base64(value.raw());
    TRY(std::string text, simple_text(member, value, TimeFormat::http_date));
    const bool encoded = !member.media_type.empty() && member.target->type == Type::string;
    return encoded ? crypto::base64(text) : std::move(text);
  }
  const Member& item = member.target->members[0];
  std::string out;
  Result<void> done;
  value.items([&](Node each) {
    if (!done || each.is_null()) return;
    auto text = simple_text(item, each, TimeFormat::http_date);
    if (!text) {
      done = std::unexpected(std::move(text).error());
      return;
    }
    if (!out.empty()) out += ',';
    const bool plain = item.target->type == Type::timestamp;
    out += plain ? *std::move(text) : list_text(*std::move(text));
  });
  TRY_DO(done);
  return out;
}

Result<void> add_header(net::Headers& headers, std::string_view name, std::string_view argument,
                        std::string value) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t'; };
  if (std::ranges::any_of(value, control)) {
    return bad_argument(argument, "no control characters, for it is in a header");
  }
  headers.push_back({std::string{name}, std::move(value)});
  return {};
}

// A name out of httpPrefixHeaders, whose prefix may be empty.
bool may_be_header(std::string_view name) {
  constexpr std::string_view ours[] = {
      "authorization", "connection", "content-length", "expect",     "host",   "te",
      "trailer",       "upgrade",    "content-type",   "keep-alive", "cookie", "transfer-encoding"};
  const std::string plain = lower(name);
  return net::is_token(name) && !plain.starts_with("x-amz-date") &&
         !plain.starts_with("x-amz-security-token") && !plain.starts_with("x-amz-content-sha256") &&
         std::ranges::find(ours, plain) == std::end(ours);
}

}  // namespace

Result<std::string> bound_target(const Operation& operation, Node arguments, bool without_bucket) {
  std::string_view uri = operation.uri;
  if (operation.bucket_in_path && without_bucket) uri.remove_prefix(bucket_label.size());
  const auto mark = uri.find('?');
  TRY(std::string target, path_of(uri.substr(0, mark), operation, arguments));
  if (!target.starts_with('/')) target.insert(0, "/");
  QueryString query{mark == uri.npos ? "" : uri.substr(mark + 1)};
  if (operation.input != nullptr) TRY_DO(add_query(*operation.input, arguments, query));
  const std::string text = query.take();
  if (!text.empty()) target += '?' + text;
  return target;
}

Result<void> bound_headers(const Shape& input, Node arguments, net::Headers& headers) {
  for (const auto& member : input.members) {
    if (member.place != Place::header && member.place != Place::header_map) continue;
    const auto value = arguments.find(member.name);
    if (!value) continue;
    if (member.place == Place::header) {
      if (value->kind() == Node::Kind::array && value->count() == 0) continue;
      TRY(std::string text, header_text(member, *value));
      TRY_DO(add_header(headers, member.place_name, member.name, std::move(text)));
      continue;
    }
    Result<void> done;
    value->members([&](Node name, Node each) {
      if (!done || each.is_null()) return;
      const std::string full = std::string{member.place_name} + name.text();
      if (!may_be_header(full)) {
        done = bad_argument(member.name, "keys that may be names of headers");
        return;
      }
      done = add_header(headers, full, member.name, each.text());
    });
    TRY_DO(done);
  }
  return {};
}

}  // namespace toolgate::targets::smithy
