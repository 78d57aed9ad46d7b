#include "aws/bucket_uri.h"

#include "aws/presigned_v2.h"
#include "base/text.h"
#include "json/scan.h"

namespace toolgate::aws {
namespace {

bool is_service_label(std::string_view label) {
  return label == "s3" || label == "s3-fips" || label == "s3-accelerate";
}

}  // namespace

std::optional<BucketHost> bucket_host(std::string_view authority) {
  constexpr std::string_view suffix = ".amazonaws.com";
  std::string_view name = authority.substr(0, authority.rfind(':'));
  if (!name.ends_with(suffix)) return std::nullopt;
  name.remove_suffix(suffix.size());
  const auto labels = split(name, '.');
  // Behind the service's label: nothing, a region, or "dualstack" and perhaps a region.
  for (std::size_t behind = 0; behind <= 2 && behind < labels.size(); ++behind) {
    const std::size_t at = labels.size() - 1 - behind;
    if (!is_service_label(labels[at])) continue;
    if (behind == 2 && labels[at + 1] != "dualstack") continue;
    const auto length = static_cast<std::size_t>(labels[at].data() - name.data());
    return BucketHost{std::string{name.substr(0, length == 0 ? 0 : length - 1)}};
  }
  return std::nullopt;
}

std::optional<RequestUri> bucket_uri(const net::Request& request) {
  auto out = RequestUri::parse({}, request.query);
  if (!out) return std::nullopt;
  std::string_view path = request.path;
  if (path.starts_with('/')) path.remove_prefix(1);
  const auto add = [&](std::string_view text) {
    auto decoded = percent_decode(text);
    if (!decoded || !json::is_utf8(*decoded)) return false;
    if (!decoded->empty()) out->segments.push_back(std::move(*decoded));
    return true;
  };
  const auto host = bucket_host(request.host);
  if (host && !host->bucket.empty()) {
    out->segments.push_back(host->bucket);
    return add(path) ? out : std::nullopt;
  }
  const auto slash = path.find('/');
  if (!add(path.substr(0, slash))) return std::nullopt;
  if (slash == std::string_view::npos || out->segments.empty()) return out;
  return add(path.substr(slash + 1)) ? out : std::nullopt;
}

bool is_bucket_request(const net::Request& head) {
  if (bucket_host(head.host)) return true;
  constexpr std::string_view scope = "/s3/aws4_request";
  const auto authorization = head.headers.find("authorization").value_or("");
  if (authorization.starts_with("AWS4-")) return authorization.contains(scope);
  return head.query.contains("%2Fs3%2Faws4_request") || head.query.contains(scope) ||
         is_presigned_v2(head);
}

}  // namespace toolgate::aws
