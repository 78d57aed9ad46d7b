#include "targets/aws_endpoints.h"

#include <fmt/format.h>

namespace toolgate::targets {

Result<AwsEndpoints> AwsEndpoints::parse(const std::vector<std::string>& settings) {
  AwsEndpoints endpoints;
  for (const std::string_view setting : settings) {
    const auto wrong = [&](std::string_view why) {
      return fail(Code::invalid, fmt::format("--aws-endpoint {}: {}; expected SERVICE=URL, like "
                                             "lambda=http://127.0.0.1:4566",
                                             setting, why));
    };
    const auto equals = setting.find('=');
    if (equals == 0 || equals == setting.npos) return wrong("names no service");
    std::string_view text = setting.substr(equals + 1);
    const auto url = net::Url::parse(text);
    if (!url) return wrong(url.error().message);
    if (url->target.find('?') != std::string::npos) return wrong("the URL has a query");
    while (text.ends_with('/')) text.remove_suffix(1);
    endpoints.urls_.insert_or_assign(lower(setting.substr(0, equals)), std::string{text});
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
