// What is shown to a target, ready to use: applied to the finished request and not looked into.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "crypto/sigv4.h"
#include "net/http.h"

namespace toolgate::net {

struct NoCredential {};
struct HeaderCredential : Header {};  // "authorization", "Bearer …"
struct QueryCredential {
  std::string name;
  std::string value;  // not yet %-encoded
};

struct Credential {
  std::variant<NoCredential, HeaderCredential, QueryCredential, crypto::SigningKey> show;
  // Whose credential it is: a pool of upstream sessions must not mix two. Not secret.
  std::string key;
};

}  // namespace toolgate::net
