// A user's consent in a browser, OAuth's authorization code grant with PKCE (RFC 6749 §4.1,
// RFC 7636): a request is begun by a call that lacks a token, visited by the user, lands here again
// with a code, and is completed by the application, which says whose it was. Until then nothing is
// in the vault, so that a consent which a stranger was lured into serves nobody.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "credentials/credentials.h"
#include "credentials/sweeper.h"
#include "net/worker.h"
#include "store/secrets.h"
#include "store/store.h"

namespace toolgate::credentials {

struct Opening;

inline constexpr std::string_view request_uri_prefix = "urn:ietf:params:oauth:request_uri:";
inline constexpr std::string_view authorize_path = "/identities/oauth2/authorize";
inline constexpr std::string_view callback_path = "/identities/oauth2/callback/";

// Any thread.
class Consents {
 public:
  struct Options {
    store::Store& store;
    const store::Secrets& secrets;
    const Clock& clock;
    Credentials& credentials;
    std::function<std::string()> base_url;  // "http://127.0.0.1:7878": where users reach us
  };
  // All outlive the object.
  explicit Consents(Options options) : options_{std::move(options)} {}

  struct Ask {
    Need need;                 // bound to the user
    std::string return_url;    // where the browser goes in the end: checked by who asks
    std::string custom_state;  // given back there as `state`; or empty
    std::string target;        // "gatewayId/targetId" that waits for it; or empty
  };
  struct Begun {
    std::string session_uri;  // "urn:ietf:params:oauth:request_uri:…"
    std::string url;          // for the user, once, within bounds::consent_for
  };
  Task<Result<Begun>> begin(Ask ask) const;

  // The user opens the URL: where the authorization server is. Fails with Code::invalid for a
  // request that is unknown, used or over; the message is for the user.
  Task<Result<std::string>> authorize(std::string session_uri, net::Worker& worker) const;

  // The authorization server sends the user back (RFC 6749 §4.1.2, RFC 9207).
  struct Landing {
    std::string callback_id;
    std::string state;
    std::string code;
    std::string issuer;
    std::string error;
  };
  // Trades the code for tokens; gives the return URL with session_id. Fails as authorize() does.
  Task<Result<std::string>> land(Landing landing, net::Worker& worker) const;

  // CompleteResourceTokenAuth. Gives Ask::target. Fails with Code::denied, "Invalid or expired
  // session", also when the user is another than the one who was asked for.
  Task<Result<std::string>> complete(model::Place place, std::string session_uri,
                                     std::string user_name) const;

  enum class Status : unsigned char { in_progress, failed };
  // Of a request of this user; Code::denied as above.
  Task<Result<Status>> status(model::Place place, std::string session_uri,
                              std::string user_name) const;

  // Whether a workload identity lists a URL among its allowedResourceOauth2ReturnUrls.
  Task<Result<bool>> is_return_url(model::Place place, std::string workload, std::string url) const;

  [[nodiscard]] std::string callback_url(std::string_view callback_id) const;

 private:
  struct Request;
  [[nodiscard]] Opening opening(net::Worker& worker, Deadline deadline) const;
  Task<Result<Request>> load(std::string session_uri) const;
  Task<Result<void>> save(const Request& request, std::string_view step) const;

  Options options_;
  mutable Sweeper sweeper_;
};

}  // namespace toolgate::credentials
