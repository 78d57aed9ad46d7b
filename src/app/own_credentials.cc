#include "app/own_credentials.h"

#include <cstdlib>
#include <string>

namespace toolgate::app {

crypto::SigningKey own_credentials() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string{value != nullptr ? value : ""};
  };
  crypto::SigningKey key;
  key.access_key_id = variable("AWS_ACCESS_KEY_ID");
  key.secret_access_key = variable("AWS_SECRET_ACCESS_KEY");
  key.session_token = variable("AWS_SESSION_TOKEN");
  return key;
}

}  // namespace toolgate::app
