// Where AWS's services are reached by adapters: at their own host names (which the inner net
// answers), or where the operator says. app/ puts it into each Worker (Worker::local) at start.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/text.h"
#include "net/credential.h"
#include "net/http.h"

namespace toolgate::targets {

class AwsEndpoints {
 public:
  // Each "SERVICE=URL": "lambda=http://127.0.0.1:4566". Fails with Code::invalid, naming the one
  // that is wrong.
  static Result<AwsEndpoints> parse(const std::vector<std::string>& settings);

  // The URL of a request; `path` begins with "/" and is %-encoded, with its query. Fails with
  // Code::invalid as net::Url::parse does.
  [[nodiscard]] Result<net::Url> url(std::string_view service, std::string_view region,
                                     std::string_view path) const;

  // Where the operator says that a service is, without a slash at the end; null: nowhere.
  [[nodiscard]] const std::string* own(std::string_view service) const {
    const auto found = urls_.find(service);
    return found == urls_.end() ? nullptr : &found->second;
  }

 private:
  TextMap<std::string> urls_;  // without a slash at the end
};

// The gateway's role as it signs for this service: a SigningKey gets what it does not name. Any
// other credential stays as it is.
[[nodiscard]] net::Credential signing_for(const net::Credential& credential,
                                          std::string_view service, std::string_view region);

}  // namespace toolgate::targets
