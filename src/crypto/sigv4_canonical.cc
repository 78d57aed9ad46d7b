#include "crypto/sigv4_canonical.h"

#include <algorithm>
#include <array>
#include <tuple>

#include <fmt/format.h>

#include "base/text.h"
#include "crypto/hash.h"

namespace toolgate::crypto {
namespace {

std::string join_path(const std::vector<std::string>& segments, std::string_view path) {
  std::string out = "/" + join(segments, "/");
  if (path.ends_with('/') && !segments.empty()) out += '/';
  return out;
}

// Each segment stands for what it means: "%2f" and "%2F" are the same, "/" is not.
std::string s3_path(std::string_view path) {
  std::string out;
  for (const auto segment : split(path, '/')) {
    if (!out.empty() || segment.data() != path.data()) out += '/';
    const auto decoded = percent_decode(segment);
    out += percent_encode(decoded ? std::string_view{*decoded} : segment);
  }
  return out.empty() ? "/" : out;
}

std::string twice_encoded_path(std::string_view path) {
  std::vector<std::string> segments;
  for (const auto segment : split(path, '/')) {
    if (segment == "..") {
      if (!segments.empty()) segments.pop_back();
    } else if (!segment.empty() && segment != ".") {
      segments.push_back(percent_encode(segment));
    }
  }
  return join_path(segments, path);
}

std::string canonical_query(std::string_view query) {
  auto parameters = parse_query(query);
  std::erase_if(parameters, [](const auto& each) { return each.name == "X-Amz-Signature"; });
  for (auto& [name, value] : parameters) {
    name = percent_encode(name);
    value = percent_encode(value);
  }
  std::ranges::sort(parameters, [](const auto& a, const auto& b) {
    return std::tie(a.name, a.value) < std::tie(b.name, b.value);
  });
  std::string out;
  for (const auto& [name, value] : parameters) {
    if (!out.empty()) out += '&';
    out += name;
    out += '=';
    out += value;
  }
  return out;
}

void append_one_spaced(std::string& out, std::string_view value) {
  bool between = false;
  const std::size_t start = out.size();
  for (const char c : value) {
    if (c == ' ' || c == '\t') {
      between = true;
      continue;
    }
    if (between && out.size() > start) out += ' ';
    between = false;
    out += c;
  }
}

std::string canonical_request(const SignedRequest& request, const Signing& signing) {
  std::string out{request.method};
  out += '\n';
  out += is_s3(signing.scope.service) ? s3_path(request.path) : twice_encoded_path(request.path);
  out += '\n';
  out += canonical_query(request.query);
  out += '\n';
  for (const auto& name : signing.signed_headers) {
    out += name;
    out += ':';
    out += header_value(request, name).value_or("");
    out += '\n';
  }
  out += '\n';
  out += join(signing.signed_headers, ";");
  out += '\n';
  out += signing.payload_hash;
  return out;
}

// All digits, so that neither a sign nor a space passes.
std::optional<unsigned> number(std::string_view digits) {
  unsigned value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value;
}

struct DateParts {
  std::optional<unsigned> year, month, day, hour, minute, second;
};

std::optional<Time> time_of(const DateParts& parts) {
  if (!parts.year || !parts.month || !parts.day || !parts.hour || !parts.minute || !parts.second) {
    return std::nullopt;
  }
  const std::chrono::year_month_day day{std::chrono::year{static_cast<int>(*parts.year)},
                                        std::chrono::month{*parts.month},
                                        std::chrono::day{*parts.day}};
  if (!day.ok() || *parts.hour > 23 || *parts.minute > 59 || *parts.second > 59) {
    return std::nullopt;
  }
  return Time{std::chrono::sys_days{day}} + std::chrono::hours{*parts.hour} +
         std::chrono::minutes{*parts.minute} + std::chrono::seconds{*parts.second};
}

}  // namespace

std::string iso_time(Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time - day).count();
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::optional<Time> parse_iso_time(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
  return time_of({.year = number(text.substr(0, 4)),
                  .month = number(text.substr(4, 2)),
                  .day = number(text.substr(6, 2)),
                  .hour = number(text.substr(9, 2)),
                  .minute = number(text.substr(11, 2)),
                  .second = number(text.substr(13, 2))});
}

std::optional<Time> parse_http_date(std::string_view text) {
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  constexpr std::string_view form = "www, dd mmm yyyy hh:mm:ss";
  // The last two are what Python's mail library writes, and so botocore.
  constexpr std::array<std::string_view, 3> zones{" GMT", " +0000", " -0000"};
  if (text.size() < form.size()) return std::nullopt;
  const auto zone = text.substr(form.size());
  if (std::ranges::find(zones, zone) == zones.end()) return std::nullopt;
  for (const std::size_t i : {3U, 4U, 7U, 11U, 16U, 19U, 22U}) {
    if (text[i] != form[i]) return std::nullopt;
  }
  const auto month = std::ranges::find(months, text.substr(8, 3));
  return time_of({.year = number(text.substr(12, 4)),
                  .month = static_cast<unsigned>(month - months.begin()) + 1,  // 13 when unknown
                  .day = number(text.substr(5, 2)),
                  .hour = number(text.substr(17, 2)),
                  .minute = number(text.substr(20, 2)),
                  .second = number(text.substr(23, 2))});
}

bool is_s3(std::string_view service) {
  return service == "s3" || service == "s3express" || service == "s3-outposts" ||
         service == "s3-object-lambda";
}

std::optional<std::string> header_value(const SignedRequest& request, std::string_view lower_name) {
  std::optional<std::string> out;
  for (const auto& [name, value] : request.headers) {
    if (!equal_ignoring_case(name, lower_name)) continue;
    if (out) {
      *out += ',';
    } else {
      out.emplace();
    }
    append_one_spaced(*out, value);
  }
  return out;
}

std::vector<QueryParameter> parse_query(std::string_view query) {
  std::vector<QueryParameter> parameters;
  if (query.empty()) return parameters;
  const auto text_of = [](std::string_view part) {
    return percent_decode(part).value_or(std::string{part});
  };
  for (const auto pair : split(query, '&')) {
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    const bool has_value = equals != std::string_view::npos;
    parameters.push_back({.name = text_of(pair.substr(0, equals)),
                          .value = has_value ? text_of(pair.substr(equals + 1)) : std::string{}});
  }
  return parameters;
}

std::string signing_key(const Scope& scope, std::string_view secret_access_key) {
  std::string key = fmt::format("AWS4{}", secret_access_key);
  for (const auto part : {scope.date, scope.region, scope.service, scope_end}) {
    key = hmac_sha256(key, part);
  }
  return key;
}

std::string signature_of(const SignedRequest& request, const Signing& signing,
                         std::string_view secret_access_key) {
  const Scope& scope = signing.scope;
  const std::string to_sign = fmt::format(
      "{}\n{}\n{}/{}/{}/{}\n{}", signature_algorithm, signing.time, scope.date, scope.region,
      scope.service, scope_end, sha256_hex(canonical_request(request, signing)));
  return hex(hmac_sha256(signing_key(scope, secret_access_key), to_sign));
}

}  // namespace toolgate::crypto
