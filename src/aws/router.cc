#include "aws/router.h"

#include <array>

#include "aws/bucket_uri.h"
#include "aws/contract_data.h"
#include "aws/presigned_v2.h"
#include "base/text.h"

namespace toolgate::aws {
namespace {

using Contracts = std::vector<const Contract*>;

std::string_view without_port(std::string_view host) {
  const auto colon = host.rfind(':');
  return colon != std::string_view::npos && !host.ends_with(']') ? host.substr(0, colon) : host;
}

// "iam.amazonaws.com", "sts.us-east-1.amazonaws.com", "api.ecr.eu-west-1.amazonaws.com",
// "cognito-idp-fips.us-east-1.amazonaws.com", "bedrock-agentcore.us-east-1.api.aws".
Contracts by_host(const net::Request& head) {
  if (bucket_host(head.host)) return {contract_of("s3")};
  std::string_view name = without_port(head.host);
  bool aws_shaped = false;
  for (const std::string_view suffix : {".amazonaws.com", ".amazonaws.com.cn", ".api.aws"}) {
    if (name.ends_with(suffix) && !aws_shaped) {
      name.remove_suffix(suffix.size());
      aws_shaped = true;
    }
  }
  if (!aws_shaped) return {};
  for (const auto& contract : contract_data()) {
    std::string_view rest = name;
    if (!rest.starts_with(contract.endpoint_prefix)) continue;
    rest.remove_prefix(contract.endpoint_prefix.size());
    if (rest.starts_with("-fips")) rest.remove_prefix(5);
    // At most the region may follow: "x.y.s3.us-east-1" are other names.
    if (rest.empty() || (rest.starts_with('.') && !rest.substr(1).contains('.'))) {
      return {contract_of(contract.service)};
    }
  }
  return {};
}

Contracts by_target(const net::Request& head) {
  const auto target = head.headers.find("x-amz-target");
  if (!target) return {};
  const auto prefix = target->substr(0, target->rfind('.'));
  for (const auto& contract : contract_data()) {
    if (!contract.target_prefix.empty() && contract.target_prefix == prefix) {
      return {contract_of(contract.service)};
    }
  }
  return {};
}

Contracts by_scope(const net::Request& head) {
  if (is_presigned_v2(head)) return {contract_of("s3")};
  const auto signing_name = credential_scope(head).signing_name;
  Contracts found;
  if (signing_name.empty()) return found;
  for (const auto& contract : contract_data()) {
    if (contract.signing_name == signing_name) found.push_back(contract_of(contract.service));
  }
  return found;
}

bool at_root(const net::Request& head) { return head.path == "/" || head.path.empty(); }

Contracts by_action(const net::Request& request) {
  if (!at_root(request) || (request.method == "POST" && !is_form(request))) return {};
  const auto form = form_of(request);
  const auto action = form_parameter(form, "Action");
  const auto version = form_parameter(form, "Version");
  if (action.empty()) return {};
  for (const auto& data : contract_data()) {
    if (data.protocol != "query") continue;
    const Contract* contract = contract_of(data.service);
    if ((version.empty() || contract->api_version == version) &&
        contract->find(action) != nullptr) {
      return {contract};
    }
  }
  return {};
}

// Judged without reading its contract: a health check, a browser, a scanner need none.
bool may_serve(const ContractData& data, const RequestUri& uri) {
  if (data.folders.find(" * ") != std::string_view::npos) return true;
  if (uri.segments.empty()) return false;
  return data.folders.find(' ' + uri.segments.front() + ' ') != std::string_view::npos;
}

// An unsigned request to a path that is ours is refused as such, not as an unknown page. Only
// operations that are served count, and no service whose paths begin with a label (S3).
Contracts by_served_path(const net::Request& head, const RequestUri& uri) {
  for (const auto& data : contract_data()) {
    if (data.protocol != "rest-json" || !may_serve(data, uri)) continue;
    const Contract* contract = contract_of(data.service);
    Route route{
        .contract = contract, .operation = nullptr, .labels = {}, .own_uri = {}, .name = {}};
    protocol_of(*contract).find_operation(route, head, uri);
    if (route.operation != nullptr && route.operation->served) return {contract};
  }
  return {};
}

Contracts candidates(const net::Request& request, const RequestUri& uri) {
  for (const auto find : std::array{by_host, by_target, by_scope, by_action}) {
    if (auto found = find(request); !found.empty()) return found;
  }
  return by_served_path(request, uri);
}

// json and query services have one path; what else is asked of their hosts is not the AWS wire.
bool may_be_for(const Contract& contract, const net::Request& head) {
  const bool rest =
      contract.protocol == ProtocolName::rest_json || contract.protocol == ProtocolName::rest_xml;
  return rest || at_root(head);
}

}  // namespace

Scope credential_scope(const net::Request& head) {
  std::string credential;
  const auto authorization = head.headers.find("authorization").value_or("");
  if (authorization.starts_with("AWS4-")) {
    const auto at = authorization.find("Credential=");
    if (at == std::string_view::npos) return {};
    const auto rest = authorization.substr(at + 11);
    credential = rest.substr(0, rest.find_first_of(", "));
  } else {
    credential = form_parameter(head.query, "X-Amz-Credential");
  }
  const auto parts = split(credential, '/');  // key/date/region/service/aws4_request
  if (parts.size() < 5 || parts.back() != "aws4_request") return {};
  return {.region = std::string{parts[parts.size() - 3]},
          .signing_name = std::string{parts[parts.size() - 2]}};
}

Route find_route(const net::Request& request, const RequestUri& uri) {
  Route first;
  for (const Contract* contract : candidates(request, uri)) {
    Route route{
        .contract = contract, .operation = nullptr, .labels = {}, .own_uri = {}, .name = {}};
    if (may_be_for(*contract, request)) {
      protocol_of(*contract).find_operation(route, request, uri);
    }
    if (route.operation != nullptr) return route;
    if (first.contract == nullptr) first = std::move(route);
  }
  return first;
}

bool is_form(const net::Request& head) {
  const auto type = head.headers.find("content-type").value_or("");
  return equal_ignoring_case(trim(type.substr(0, type.find(';'))),
                             "application/x-www-form-urlencoded");
}

bool is_aws_request(const net::Request& head) {
  if (at_root(head) && head.method == "POST" && is_form(head)) return true;
  const auto uri = RequestUri::parse(head.path, head.query);
  const auto found = candidates(head, uri.value_or(RequestUri{}));
  return std::ranges::any_of(found,
                             [&](const Contract* contract) { return may_be_for(*contract, head); });
}

}  // namespace toolgate::aws
