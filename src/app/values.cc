#include "app/values.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <limits>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <sys/stat.h>

#include "base/text.h"
#include "net/http.h"
#include "net/server.h"
#include "net/tls.h"

namespace toolgate::app {
namespace {

bool is_address(const std::string& text) { return net::parse_address(text).has_value(); }
bool is_url(const std::string& text) { return net::Url::parse(text).has_value(); }
bool is_file(const std::string& path) {
  struct stat about = {};
  return ::access(path.c_str(), R_OK) == 0 && ::stat(path.c_str(), &about) == 0 &&
         !S_ISDIR(about.st_mode);
}

bool holds_certificates(const std::string& path) {
  return net::make_client_context(path).has_value();
}

// As browsers send it: a scheme of any kind and a host, with nothing behind.
bool is_origin(const std::string& text) {
  const auto scheme = text.find("://");
  if (scheme == 0 || scheme == text.npos || scheme + 3 == text.size()) return false;
  return text.find('/', scheme + 3) == text.npos;
}

bool is_account(const std::string& text) {
  return text.size() == 12 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_region(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

struct Form {
  std::string_view name;
  bool (*holds)(const std::string& value);
  std::string_view expected;
};
constexpr Form forms[] = {
    {"ADDRESS", is_address, "host:port (such as 127.0.0.1:7878)"},
    {"URL", is_url, "an http or https URL"},
    {"ORIGIN", is_origin, "a browser's origin (such as https://console.example.com)"},
    {"ACCOUNT", is_account, "12 digits"},
    {"REGION", is_region, "a region (such as us-east-1)"},
    {"FILE", is_file, "a file that can be read"},
    {"PEM", holds_certificates, "a file of PEM certificates"},
};

std::optional<std::size_t> number(std::string_view text) {
  std::size_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || stopped != end) return std::nullopt;
  return value;
}

// Nothing when the value is of the form; else what was expected.
std::optional<std::string> missed(std::string_view form, const std::string& value) {
  if (const auto dots = form.find(".."); dots != form.npos) {
    const auto least = number(form.substr(0, dots));
    const auto most = number(form.substr(dots + 2));
    const auto given = number(value);
    const auto bound = most.value_or(std::numeric_limits<std::size_t>::max());
    if (given && *given >= least.value_or(0) && *given <= bound) return std::nullopt;
    return most ? fmt::format("{} to {}", *least, *most) : fmt::format("{} or more", *least);
  }
  const auto* known = std::ranges::find(forms, form, &Form::name);
  if (known != std::end(forms)) {
    if (known->holds(value)) return std::nullopt;
    return std::string{known->expected};
  }
  const bool word = std::ranges::none_of(form, [](unsigned char c) { return std::isupper(c); });
  if (!word || value == form) return std::nullopt;
  return std::string{form};
}

}  // namespace

Result<void> check_value(std::string_view form, const std::string& value) {
  std::string expected;
  const auto choices = split(form, '|');
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const auto what = missed(choices[i], value);
    if (!what) return {};
    if (i > 0) expected += i + 1 < choices.size() ? ", " : " or ";
    expected += *what;
  }
  return fail(Code::invalid, std::move(expected));
}

}  // namespace toolgate::app
