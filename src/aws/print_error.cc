// A failure in the form of each protocol (errors.h says which code and status).
#include <fmt/format.h>

#include "aws/errors.h"
#include "aws/output.h"
#include "base/log.h"
#include "base/xml.h"
#include "crypto/hash.h"
#include "json/json.h"

namespace toolgate::aws {
namespace {

JsonObject error_members(const WireError& error) {
  JsonObject members{{"message", error.message}};
  if (error.reason.empty()) return members;
  members["reason"] = error.reason;
  if (!error.fields.empty()) {
    JsonArray list;
    for (const auto& field : error.fields) {
      list.push_back(JsonObject{{"name", field.path}, {"message", field.message}});
    }
    members["fieldList"] = std::move(list);
  }
  return members;
}

net::Response as_rest_json(const Contract&, const WireError& error, std::string_view) {
  auto response =
      net::Response::text(error.status, "application/json", json::print(error_members(error)));
  response.headers.push_back({"x-amzn-errortype", error.code});
  return response;
}

net::Response as_json(const Contract& contract, const WireError& error, std::string_view) {
  JsonObject members{{"__type", error.code}, {"message", error.message}};
  auto response = net::Response::text(
      error.status, fmt::format("application/x-amz-json-{}", contract.json_version),
      json::print(members));
  response.headers.push_back({"x-amzn-errortype", error.code});
  return response;
}

void append_code(std::string& body, const WireError& error) {
  body += "<Code>";
  escape_xml_to(body, error.code);
  body += "</Code><Message>";
  escape_xml_to(body, error.message);
  body += "</Message>";
}

net::Response as_query(const Contract& contract, const WireError& error,
                       std::string_view request_id) {
  std::string body =
      fmt::format(R"(<ErrorResponse xmlns="{}"><Error><Type>{}</Type>)", contract.xml_namespace,
                  error.status >= 500 ? "Receiver" : "Sender");
  append_code(body, error);
  body += fmt::format("</Error><RequestId>{}</RequestId></ErrorResponse>", request_id);
  return net::Response::text(error.status, "text/xml", std::move(body));
}

net::Response as_rest_xml(const Contract&, const WireError& error, std::string_view request_id) {
  std::string body{R"(<?xml version="1.0" encoding="UTF-8"?><Error>)"};
  append_code(body, error);
  for (const auto& field : error.fields) {
    // "BucketName", "Condition": what S3 adds by error. Paths into the input are in the message.
    if (field.path.empty() || field.path[0] < 'A' || field.path[0] > 'Z') continue;
    body += fmt::format("<{}>", field.path);
    escape_xml_to(body, field.message);
    body += fmt::format("</{}>", field.path);
  }
  body += fmt::format("<RequestId>{}</RequestId><HostId>{}</HostId></Error>", request_id,
                      host_id(request_id));
  return net::Response::text(error.status, "application/xml", std::move(body));
}

}  // namespace

std::string host_id(std::string_view request_id) {
  return crypto::base64(crypto::sha256(request_id));
}

net::Response print_error(const Contract& contract, const Error& error,
                          std::string_view request_id) {
  const auto wire = wire_error(contract, error);
  const auto level = wire.status >= 500 ? log::Level::error : log::Level::debug;
  if (log::enabled(level)) {
    log::write(level, fmt::format("aws: {} {} {}: {}{}{}", contract.service, request_id, wire.code,
                                  error.message, error.detail.empty() ? "" : ": ", error.detail));
  }
  switch (contract.protocol) {
    case ProtocolName::rest_json:
      return as_rest_json(contract, wire, request_id);
    case ProtocolName::json:
      return as_json(contract, wire, request_id);
    case ProtocolName::query:
      return as_query(contract, wire, request_id);
    case ProtocolName::rest_xml:
      break;
  }
  return as_rest_xml(contract, wire, request_id);
}

}  // namespace toolgate::aws
