// OAUTH with the grant CLIENT_CREDENTIALS: a token of the gateway's own (RFC 6749 §4.4).
#include "credentials/kinds.h"
#include "credentials/oauth_client.h"

namespace toolgate::credentials {

Result<void> read_client_credentials(const Json& configuration, std::string_view path, Need& need) {
  return read_scopes(configuration, path, {}, need);
}

Task<Result<Made>> make_client_credentials(const Need& need, const store::Document& provider,
                                           Making making) {
  CO_TRY(const OAuthClient client, co_await open_client(provider, making));
  CO_TRY(const Token token, co_await ask(client,
                                         {.scope = need.scope,
                                          .parameters = &need.custom_parameters,
                                          .resources = need.resources,
                                          .audiences = need.audiences},
                                         making.worker, making.deadline));
  co_return bearer(token);
}

}  // namespace toolgate::credentials
