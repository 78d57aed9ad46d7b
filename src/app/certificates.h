// What the TLS port shows: certificates of the local authority for AWS-shaped names and for this
// machine, and a user's own certificate for every other name.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "app/config.h"
#include "base/clock.h"
#include "base/result.h"
#include "net/issued_contexts.h"
#include "net/tls.h"
#include "store/secrets.h"

namespace toolgate::app {

class Certificates final : public net::TlsContexts {
 public:
  // Opens the authority of the data directory, or makes it: when there is none, when it is about to
  // expire or not valid yet (the clock was ahead), or when its key cannot be unsealed any more. The
  // key is kept sealed, never beside the certificate in the clear, and the authority is installed
  // nowhere. Writes the files that programs trust (trust_files.h). Fails with Code::invalid (the
  // user's files) or Code::unavailable. `clock` outlives the object.
  static Result<std::unique_ptr<Certificates>> open(const Config& config,
                                                    const store::Secrets& secrets,
                                                    const Clock& clock);

  // Reads the user's files again, which may be others now, and writes the trusted ones anew. On
  // failure the old stay. From the main thread.
  Result<void> reload(const Config& config);

  std::shared_ptr<SSL_CTX> context_for(std::string_view server_name) override;
  // The system's roots and the local authority's certificate, absolute (trust_files.h).
  [[nodiscard]] const std::string& bundle_file() const { return bundle_file_; }
  // The local authority's alone: for names that are reached through CONNECT.
  [[nodiscard]] net::TlsContexts& issued() { return *issued_; }

 private:
  explicit Certificates(std::unique_ptr<net::IssuedContexts> issued) : issued_{std::move(issued)} {}
  [[nodiscard]] std::shared_ptr<net::TlsFiles> files();

  const std::unique_ptr<net::IssuedContexts> issued_;
  std::string bundle_file_;
  std::mutex mutex_;                      // once a connection
  std::shared_ptr<net::TlsFiles> files_;  // null: the user has none
};

}  // namespace toolgate::app
