#include "runtimes/source.h"

#include <fmt/format.h>

#include "base/text.h"
#include "crypto/sigv4.h"
#include "net/client.h"
#include "runtimes/archive.h"

namespace toolgate::runtimes {
namespace {

using namespace std::chrono_literals;

constexpr auto read_timeout = 120s;
constexpr auto session_for = 5min;

// What S3 does not have, as AWS's own builder would say it.
std::unexpected<Error> refused(const S3Object& object, int status) {
  const auto code = status == 404 ? Code::not_found : status == 403 ? Code::denied : Code::upstream;
  const std::string_view why = status == 404   ? "no such object"
                               : status == 403 ? "access denied"
                                               : "S3 failed";
  return fail(code,
              fmt::format("s3://{}/{}: {} (HTTP {})", object.bucket, object.key, why, status));
}

}  // namespace

Result<S3Object> parse_s3_location(std::string_view text) {
  for (const std::string_view prefix : {"s3://", "arn:aws:s3:::"}) {
    if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
  }
  const auto slash = text.find('/');
  if (slash == 0 || slash == std::string_view::npos || slash + 1 == text.size()) {
    return fail(Code::invalid,
                fmt::format("'{}': expected BUCKET/KEY of an archive in S3", text.substr(0, 300)));
  }
  return S3Object{.bucket = std::string{text.substr(0, slash)},
                  .key = std::string{text.substr(slash + 1)},
                  .version = {}};
}

Task<Result<net::ClientResponse>> Source::ask(std::string_view method, model::Place place,
                                              const S3Object& object,
                                              const identity::Principal& reader,
                                              net::Worker& worker) const {
  std::string text = fmt::format("https://s3.{}.amazonaws.com/{}/{}", place.region, object.bucket,
                                 percent_encode(object.key, "/"));
  if (!object.version.empty()) text += "?versionId=" + percent_encode(object.version);
  CO_TRY(const net::Url url, net::Url::parse(text));
  const auto session = sessions_.issue(reader, {}, clock_.now() + session_for);
  const crypto::SigningKey key{.access_key_id = session.access_key_id,
                               .secret_access_key = session.secret_access_key,
                               .session_token = session.session_token,
                               .region = place.region,
                               .service = "s3"};
  const auto mark = url.target.find('?');
  const std::string authority = url.authority();
  const crypto::SignedRequest unsigned_request{
      .method = method,
      .path = std::string_view{url.target}.substr(0, mark),
      .query = mark == std::string::npos ? std::string_view{}
                                         : std::string_view{url.target}.substr(mark + 1),
      .headers = {{"host", authority}},
      .body = {}};
  net::Headers headers;
  for (auto& [name, value] : crypto::sign(unsigned_request, key, clock_.now())) {
    headers.push_back({std::move(name), std::move(value)});
  }
  auto answer = co_await worker.client().send({.method = method,
                                               .url = &url,
                                               .headers = &headers,
                                               .body = {},
                                               .deadline = within(read_timeout),
                                               .body_bytes_max = archive_bytes_max});
  if (!answer) {
    co_return fail(answer.error().code, fmt::format("s3://{}/{}: {}", object.bucket, object.key,
                                                    answer.error().message));
  }
  if (answer->status != 200) co_return refused(object, answer->status);
  co_return answer;
}

Task<Result<std::string>> Source::read(model::Place place, S3Object object,
                                       net::Worker& worker) const {
  identity::Principal self;
  self.kind = identity::Principal::Kind::root;
  self.account = place.account;
  self.arn = fmt::format("arn:aws:iam::{}:root", place.account);
  self.id = place.account;
  co_return co_await read_as(std::move(self), std::move(place), std::move(object), worker);
}

Task<Result<std::string>> Source::read_as(identity::Principal reader, model::Place place,
                                          S3Object object, net::Worker& worker) const {
  CO_TRY(const auto answer, co_await ask("GET", place, object, reader, worker));
  co_return std::string{answer.body};
}

Task<Result<void>> Source::check(model::Place place, S3Object object, identity::Principal reader,
                                 net::Worker& worker) const {
  CO_TRY_DO(co_await ask("HEAD", place, object, reader, worker));
  co_return Result<void>{};
}

}  // namespace toolgate::runtimes
