#include "targets/aws_endpoints.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/log.h"

namespace toolgate::targets {
namespace {

// Those that the server itself asks for. A Smithy model may be of any other, and of one that AWS
// does not have.
constexpr std::array<std::string_view, 5> own_services{"apigateway", "firehose", "kms", "lambda",
                                                       "s3"};
// Shorter names are one letter away from other services of AWS: kms and sms, s3 and ses.
constexpr std::size_t mistakable_chars_min = 5;

// Whether one letter that is missing, too many or another makes `name` out of `meant`.
bool is_mistyped(std::string_view name, std::string_view meant) {
  const auto same = static_cast<std::size_t>(std::ranges::mismatch(name, meant).in1 - name.begin());
  const auto after = [](std::string_view text, std::size_t from) {
    return text.substr(std::min(from, text.size()));
  };
  return name != meant && (after(name, same + 1) == after(meant, same + 1) ||
                           after(name, same) == after(meant, same + 1) ||
                           after(name, same + 1) == after(meant, same));
}

// Empty, or what is wrong with the name.
std::string_view wrong_with(std::string_view service) {
  const auto is_of_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  if (service.empty()) return "names no service";
  if (!std::ranges::all_of(service, is_of_name)) return "is the name of no service";
  const bool mistyped = std::ranges::any_of(own_services, [&](std::string_view own) {
    return own.size() >= mistakable_chars_min && is_mistyped(service, own);
  });
  return mistyped ? "names an unknown service" : "";
}

}  // namespace

Result<AwsEndpoints> AwsEndpoints::parse(const std::vector<std::string>& settings) {
  AwsEndpoints endpoints;
  for (const std::string_view setting : settings) {
    const auto wrong = [&](std::string_view why) {
      return fail(Code::invalid,
                  fmt::format("--aws-endpoint {}: {}; expected SERVICE=URL, like "
                              "lambda=http://127.0.0.1:4566, for {} or a Smithy model's service",
                              setting, why, fmt::join(own_services, ", ")));
    };
    const auto equals = setting.find('=');
    const std::string service = equals == setting.npos ? "" : lower(setting.substr(0, equals));
    if (const auto why = wrong_with(service); !why.empty()) return wrong(why);
    std::string_view text = setting.substr(equals + 1);
    const auto url = net::Url::parse(text);
    if (!url) return wrong(url.error().message);
    if (url->target.find('?') != std::string::npos) return wrong("the URL has a query");
    while (text.ends_with('/')) text.remove_suffix(1);
    if (std::ranges::find(own_services, service) == own_services.end()) {
      log::info("--aws-endpoint {}: for Smithy targets alone; others ask for {}", setting,
                fmt::join(own_services, ", "));
    }
    endpoints.urls_.insert_or_assign(service, std::string{text});
  }
  return endpoints;
}

Result<net::Url> AwsEndpoints::url(std::string_view service, std::string_view region,
                                   std::string_view path) const {
  const auto own = urls_.find(service);
  if (own != urls_.end()) return net::Url::parse(own->second + std::string{path});
  return net::Url::parse(fmt::format("https://{}.{}.amazonaws.com{}", service, region, path));
}

net::Credential signing_for(const net::Credential& credential, std::string_view service,
                            std::string_view region) {
  net::Credential copy = credential;
  if (auto* key = std::get_if<crypto::SigningKey>(&copy.show)) {
    if (key->service.empty()) {
      key->service = service;
      key->region = region;
    }
  }
  return copy;
}

}  // namespace toolgate::targets
