// Keys that we sign with and never see: a key management service's. app/ implements it, which knows
// the keys and the policies.
#pragma once

#include <string>

#include "base/result.h"
#include "base/task.h"
#include "identity/principal.h"
#include "model/kinds.h"

namespace toolgate::credentials {

class KeySigner {
 public:
  virtual ~KeySigner() = default;

  // A JWT's signature of `input`; `algorithm` is the JWT's ("RS256"). Fails with Code::invalid,
  // naming the key and what is wrong with it. Permission is the caller's business.
  struct Wanted {
    model::Place place;
    std::string key_arn;
    std::string algorithm;
    std::string input;
  };
  virtual Task<Result<std::string>> sign(Wanted wanted) const = 0;

  // Whether the caller may have the key sign. Fails with Code::denied in AWS's words.
  virtual Task<Result<void>> may_sign(const identity::Principal& caller, model::Place place,
                                      std::string key_arn) const = 0;
};

}  // namespace toolgate::credentials
