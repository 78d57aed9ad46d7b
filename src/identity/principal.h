// Who is calling us, once it is known.
#pragma once

#include <string>

#include "json/json.h"

namespace toolgate::identity {

struct Principal {
  enum class Kind : unsigned char { root, user, role_session, federated, anonymous };
  Kind kind = Kind::anonymous;
  std::string account;        // empty for anonymous and federated
  std::string arn;            // "arn:aws:iam::123456789012:user/ann"; empty for anonymous
  std::string id;             // "AIDA…", "AROA…:session", the account for root, a token's sub
  std::string access_key_id;  // of the key that signed, if any
  std::string client_id;      // of a bearer token, if it names one
  Json claims;                // of a bearer token: an object; else null
};

}  // namespace toolgate::identity
