// TLS contexts with certificates made as they are asked for: one a name, under an authority of our
// own, kept until shortly before they expire.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/text.h"
#include "crypto/certificates.h"
#include "net/tls.h"

namespace toolgate::net {

class IssuedContexts final : public TlsContexts {
 public:
  struct Options {
    const Clock* clock = nullptr;      // outlives the object
    std::vector<std::string> domains;  // certificates are made for names below these
    // Names and addresses of this machine: one certificate holds them all, and a client that names
    // no server gets it.
    std::vector<std::string> own_names;
    // Whoever connects can ask for names; the least recently used goes.
    std::size_t contexts_count_max = 512;
  };
  IssuedContexts(crypto::CertificateAuthority authority, Options options);

  // Null for names that are neither below `domains` nor own ones.
  std::shared_ptr<SSL_CTX> context_for(std::string_view server_name) override;

  [[nodiscard]] const crypto::CertificateAuthority& authority() const { return authority_; }

 private:
  struct Kept {
    std::string name;
    std::shared_ptr<SSL_CTX> context;
    Time made_at;  // a clock that was ahead and is set back would leave one that is not valid yet
    Time renew_at;
  };
  // The names of the certificate for a server name, which is in lower case; none refuses it.
  [[nodiscard]] std::vector<std::string> names_for(const std::string& name) const;
  std::shared_ptr<SSL_CTX> make(const std::string& name);

  const crypto::CertificateAuthority authority_;
  const Options options_;
  std::mutex mutex_;      // once a connection
  std::list<Kept> kept_;  // the most recently used first
  TextMap<std::list<Kept>::iterator> places_;
};

}  // namespace toolgate::net
