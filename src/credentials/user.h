// On whose behalf a credential is fetched, where it is a user's own and not the gateway's.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"

namespace toolgate::credentials {

struct User {
  // Who asks for the user: a gateway's id, an agent's workload identity. A user's consent holds for
  // this one alone.
  std::string workload;
  // The user's name, in one of two spaces that never meet: user_of_token() or user_of_id().
  std::string name;
  // The user's own token, for exchange; empty where there is none. Secret: never logged.
  std::string token = {};
  Time token_ends = {};
};

// Of a verified JWT's iss and sub.
[[nodiscard]] inline std::string user_of_token(std::string_view issuer, std::string_view subject) {
  std::string name{"jwt\n"};
  name += issuer;
  name += '\n';
  name += subject;
  return name;
}
// Of a name that the application vouches for.
[[nodiscard]] inline std::string user_of_id(std::string_view id) {
  std::string name{"id\n"};
  name += id;
  return name;
}

}  // namespace toolgate::credentials
