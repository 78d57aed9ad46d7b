#include "targets/s3_document.h"

#include <fmt/format.h>

#include "base/steps.h"
#include "base/text.h"
#include "json/members.h"
#include "targets/aws_endpoints.h"
#include "targets/http_exchange.h"

namespace toolgate::targets {
namespace {

// Of S3's words that a message repeats.
constexpr std::size_t quoted_bytes_max = 300;
constexpr std::string_view scheme = "s3://";

// The text of S3's error document: <Error><Code>…</Code><Message>…</Message></Error>.
std::string_view message_in(std::string_view xml) {
  constexpr std::string_view open = "<Message>";
  const auto from = xml.find(open);
  const auto to = xml.find("</Message>");
  if (from == xml.npos || to == xml.npos || to < from) return {};
  return xml.substr(from + open.size(), to - from - open.size()).substr(0, quoted_bytes_max);
}

Error about(const S3Place& place, Code code, std::string_view what, std::string detail = {}) {
  return Error{.code = code,
               .message = fmt::format("document {}: {}", place.uri(), what),
               .detail = std::move(detail),
               .name = {},
               .fields = {}};
}

Error refused(const S3Place& place, const net::ClientResponse& answer) {
  const auto said = message_in(answer.body);
  switch (answer.status) {
    case 403:
      return about(place, Code::denied,
                   fmt::format("Gateway execution role lacks permission to read it "
                               "(s3:GetObject on {}). {}",
                               place.arn(), said));
    case 404:
      return about(place, Code::not_found, said.empty() ? "does not exist" : said);
    default:
      return about(place, Code::upstream, fmt::format("S3 answered {}: {}", answer.status, said));
  }
}

Task<Result<std::string>> read(S3Place place, std::string region, Discovery discovery,
                               std::size_t bytes_max) {
  const auto path =
      fmt::format("/{}/{}", percent_encode(place.bucket), percent_encode(place.key, "/"));
  CO_TRY(net::Url url, discovery.worker.local<AwsEndpoints>().url("s3", region, path));
  HttpCall call{.method = "GET", .url = std::move(url), .headers = {}, .body = {}};
  if (!place.owner.empty()) call.headers.push_back({"x-amz-expected-bucket-owner", place.owner});
  const net::Credential role = signing_for(discovery.role, "s3", region);
  const auto answer = co_await exchange(
      std::move(call), role, discovery.worker,
      {.deadline = discovery.deadline, .answer_bytes_max = bytes_max, .steps = discovery.steps});
  if (!answer) {
    if (answer.error().code == Code::too_large) {
      co_return std::unexpected(
          about(place, Code::too_large, fmt::format("is larger than {} bytes", bytes_max)));
    }
    co_return std::unexpected(
        about(place, answer.error().code, answer.error().message, answer.error().detail));
  }
  if (answer->status != 200) co_return std::unexpected(refused(place, *answer));
  co_return std::string{answer->body};
}

}  // namespace

Result<S3Place> parse_s3_place(const Json& s3) {
  const auto uri = json::find_string(s3, "uri");
  if (!uri) return fail(Code::invalid, "s3.uri: is missing; expected s3://BUCKET/KEY");
  const auto slash = uri->starts_with(scheme) ? uri->find('/', scheme.size()) : uri->npos;
  if (slash == uri->npos || slash == scheme.size() || slash + 1 == uri->size()) {
    return fail(Code::invalid, fmt::format("s3.uri: '{}': expected s3://BUCKET/KEY", *uri));
  }
  return S3Place{.bucket = std::string{uri->substr(scheme.size(), slash - scheme.size())},
                 .key = std::string{uri->substr(slash + 1)},
                 .owner = json::member(s3, "bucketOwnerAccountId")};
}

Permission permission_to_read(const S3Place& place) {
  return {.needed_for = Permission::For::discovery,
          .action = "s3:GetObject",
          .resource = place.arn(),
          .purpose = "read " + place.uri(),
          .refusal = {}};
}

Task<Result<std::string>> read_s3_document(S3Place place, std::string region, Discovery discovery,
                                           std::size_t bytes_max) {
  OneStep step{discovery.steps, "document", place.uri()};
  auto text = co_await read(std::move(place), std::move(region), discovery, bytes_max);
  step.ended(text, text ? fmt::format("{} bytes", text->size()) : std::string{});
  co_return text;
}

}  // namespace toolgate::targets
