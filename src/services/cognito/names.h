// The names of a user pool: AWS-shaped ones, and ours below the server's own address. Pure text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace toolgate::services::cognito {

// By which of its names a pool was reached; what is given out carries the same.
enum class Naming : unsigned char { aws, own };

struct DomainHost {
  std::string domain;  // lower case
  std::string region;
};
// "<domain>.auth.<region>.amazoncognito.com", whatever the case and the port.
[[nodiscard]] std::optional<DomainHost> domain_host(std::string_view authority);
// The region of "cognito-idp.<region>.amazonaws.com".
[[nodiscard]] std::optional<std::string> idp_host(std::string_view authority);
// A host of either sort, also one whose parts are wrong.
[[nodiscard]] bool is_aws_host(std::string_view authority);

// `base_url` has no slash at its end.
[[nodiscard]] std::string aws_issuer(std::string_view pool_id);
[[nodiscard]] std::string own_issuer(std::string_view base_url, std::string_view pool_id);
[[nodiscard]] std::string domain_url(std::string_view domain, std::string_view region);

// All issuer names of the pool that `issuer` names, `issuer` among them. Just `issuer` when it is
// no name of a pool. Whether the pool exists is not asked.
[[nodiscard]] std::vector<std::string> issuer_names(std::string_view issuer,
                                                    std::string_view base_url);

}  // namespace toolgate::services::cognito
