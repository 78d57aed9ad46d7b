// The two pages that a user's browser visits on the way to a consent: out to the authorization
// server and back again. No script, no state of our own in the browser.
#pragma once

#include "base/task.h"
#include "credentials/consents.h"
#include "net/http.h"
#include "net/worker.h"

namespace toolgate::services::identity_data {

class ConsentPages {
 public:
  // Outlives the object.
  explicit ConsentPages(const credentials::Consents& consents) : consents_{consents} {}

  // GET /identities/oauth2/authorize and /identities/oauth2/callback/<id>.
  [[nodiscard]] static bool takes(const net::Request& request);
  Task<net::Response> handle(net::Request& request, net::Worker& worker) const;

 private:
  const credentials::Consents& consents_;
};

}  // namespace toolgate::services::identity_data
