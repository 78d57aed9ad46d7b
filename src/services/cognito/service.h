// Amazon Cognito user pools, as far as machine-to-machine sign-in needs them: pools, domains,
// resource servers and their scopes, clients. No users sign in here. The OAuth endpoints of the
// pools are in oauth.h. One file per family of operations, joined in table.cc.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "aws/service.h"
#include "base/clock.h"
#include "base/offload.h"
#include "services/cognito/signing_keys.h"
#include "store/secrets.h"
#include "store/store.h"

namespace toolgate::services::cognito {

// Standing limits (AWS: "Quotas in Amazon Cognito").
struct Quotas {
  std::size_t pools = 1'000;
  std::size_t clients_per_pool = 1'000;
  std::size_t resource_servers_per_pool = 25;
};

// What operations and endpoints work with. Everything that is referred to outlives it.
struct Cognito {
  // `own_url` gives the server's own address ("http://127.0.0.1:7878"), of our own issuer names.
  Cognito(store::Store& documents, const store::Secrets& sealed, const Clock& time,
          Offload& offload, std::string our_account, std::function<std::string()> own_url,
          Quotas limits = {}, SigningKeys::Options signing = {})
      : store{documents},
        secrets{sealed},
        clock{time},
        keys{std::make_unique<SigningKeys>(documents, sealed, offload, signing)},
        account{std::move(our_account)},
        base_url{std::move(own_url)},
        quotas{limits} {}

  store::Store& store;
  const store::Secrets& secrets;
  const Clock& clock;
  std::unique_ptr<SigningKeys> keys;
  std::string account;  // whose pools the OAuth endpoints serve
  std::function<std::string()> base_url;
  Quotas quotas;
};

// `cognito` outlives the table.
[[nodiscard]] aws::Service table(Cognito& cognito);

// The rows of one family each; table joins them.
void add_pool_operations(Cognito& cognito, std::vector<aws::Operation>& rows);
void add_domain_operations(Cognito& cognito, std::vector<aws::Operation>& rows);
void add_resource_server_operations(Cognito& cognito, std::vector<aws::Operation>& rows);
void add_client_operations(Cognito& cognito, std::vector<aws::Operation>& rows);
void add_tag_operations(Cognito& cognito, std::vector<aws::Operation>& rows);

}  // namespace toolgate::services::cognito
