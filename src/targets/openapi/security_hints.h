// What a document says that its operations ask for, beside what the target shows: told in the
// target's status, so that a credential that was forgotten is seen before the first 401. Hints
// alone: nothing is ever read from a document as a secret.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "json/json.h"
#include "net/credential.h"
#include "targets/openapi/operation.h"
#include "targets/openapi/references.h"

namespace toolgate::targets::openapi {

class SecurityHints {
 public:
  // `users_own`: calls show a token of their caller, which is not there yet. All outlive this.
  SecurityHints(const References& references, const net::Credential& credential, bool users_own)
      : references_{references}, credential_{credential}, users_own_{users_own} {}

  // Takes note of an operation that became a tool.
  void look_at(const Operation& operation);

  // A sentence for each thing that is asked for and not shown, with what to configure.
  [[nodiscard]] std::vector<std::string> notes() const;

 private:
  struct Asked {
    std::string advice;
    std::size_t count = 0;
    std::string first;  // an operation's label
  };
  [[nodiscard]] const Json* scheme(std::string_view name) const;
  [[nodiscard]] bool shows(const Json& scheme) const;
  [[nodiscard]] bool meets(const JsonObject& requirement) const;
  [[nodiscard]] std::string words_of(const JsonObject& requirement) const;
  [[nodiscard]] std::string shown() const;

  const References& references_;
  const net::Credential& credential_;
  const bool users_own_;
  std::map<std::string, Asked> missing_;  // by its words
};

}  // namespace toolgate::targets::openapi
