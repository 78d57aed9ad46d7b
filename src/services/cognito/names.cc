#include "services/cognito/names.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ids.h"
#include "base/text.h"
#include "services/cognito/user_pool.h"

namespace toolgate::services::cognito {
namespace {

constexpr std::string_view domain_suffix = ".amazoncognito.com";
constexpr std::string_view domain_middle = ".auth.";
constexpr std::string_view idp_prefix = "cognito-idp.";
constexpr std::string_view idp_suffix = ".amazonaws.com";

std::string host_of(std::string_view authority) {
  return lower(authority.substr(0, authority.find(':')));
}

// A label of a host name: what may become part of a store key or of a URL.
bool is_label(std::string_view text) {
  return !text.empty() && text.size() <= 63 && std::ranges::all_of(text, [](char c) {
    return lower_alphanumeric.contains(c) || c == '-';
  });
}

}  // namespace

std::optional<DomainHost> domain_host(std::string_view authority) {
  const std::string host = host_of(authority);
  if (!host.ends_with(domain_suffix)) return std::nullopt;
  const std::string_view front =
      std::string_view{host}.substr(0, host.size() - domain_suffix.size());
  const auto middle = front.find(domain_middle);
  if (middle == std::string_view::npos) return std::nullopt;
  const std::string_view domain = front.substr(0, middle);
  const std::string_view region = front.substr(middle + domain_middle.size());
  if (!is_label(domain) || !is_label(region)) return std::nullopt;
  return DomainHost{std::string{domain}, std::string{region}};
}

std::optional<std::string> idp_host(std::string_view authority) {
  const std::string host = host_of(authority);
  if (!host.starts_with(idp_prefix) || !host.ends_with(idp_suffix)) return std::nullopt;
  if (host.size() <= idp_prefix.size() + idp_suffix.size()) return std::nullopt;
  const std::string region =
      host.substr(idp_prefix.size(), host.size() - idp_prefix.size() - idp_suffix.size());
  if (!is_label(region)) return std::nullopt;
  return region;
}

bool is_aws_host(std::string_view authority) {
  const std::string host = host_of(authority);
  return host.ends_with(domain_suffix) || host.ends_with(idp_suffix);
}

std::string aws_issuer(std::string_view pool_id) {
  return fmt::format("https://{}{}{}/{}", idp_prefix, region_of_pool(pool_id), idp_suffix, pool_id);
}

std::string own_issuer(std::string_view base_url, std::string_view pool_id) {
  return fmt::format("{}/{}", base_url, pool_id);
}

std::string domain_url(std::string_view domain, std::string_view region) {
  return fmt::format("https://{}{}{}{}", domain, domain_middle, region, domain_suffix);
}

std::vector<std::string> issuer_names(std::string_view issuer, std::string_view base_url) {
  const std::string_view pool_id = issuer.substr(issuer.rfind('/') + 1);
  if (region_of_pool(pool_id).empty()) return {std::string{issuer}};
  std::vector<std::string> names{aws_issuer(pool_id), own_issuer(base_url, pool_id)};
  if (std::ranges::find(names, issuer) == names.end()) return {std::string{issuer}};
  return names;
}

}  // namespace toolgate::services::cognito
