// Archives in S3: read by the server itself, over the inner net, for who may read them.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "identity/access_keys.h"
#include "model/kinds.h"
#include "net/client.h"
#include "net/worker.h"

namespace toolgate::runtimes {

struct S3Object {
  std::string bucket;
  std::string key;
  std::string version;  // or empty
};
// "bucket/key", as CodeBuild writes S3 locations; also with "s3://" or "arn:aws:s3:::" before it.
// Fails with Code::invalid.
[[nodiscard]] Result<S3Object> parse_s3_location(std::string_view text);

class Source {
 public:
  // Both outlive it.
  Source(const identity::SessionTokens& sessions, const Clock& clock)
      : sessions_{sessions}, clock_{clock} {}

  // The object's bytes, at most archive_bytes_max. Fails with Code::not_found (no such bucket or
  // key), Code::denied, Code::too_large, or what the HTTP client says; the message names the
  // object.
  Task<Result<std::string>> read(model::Place place, S3Object object, net::Worker& worker) const;
  // The same as someone reads it: S3 decides by their policies.
  Task<Result<std::string>> read_as(identity::Principal reader, model::Place place, S3Object object,
                                    net::Worker& worker) const;

  // Whether someone may read it, as S3 decides it for them (HeadObject). Fails as read does.
  Task<Result<void>> check(model::Place place, S3Object object, identity::Principal reader,
                           net::Worker& worker) const;

 private:
  Task<Result<net::ClientResponse>> ask(std::string_view method, model::Place place,
                                        const S3Object& object, const identity::Principal& reader,
                                        net::Worker& worker) const;

  const identity::SessionTokens& sessions_;
  const Clock& clock_;
};

}  // namespace toolgate::runtimes
