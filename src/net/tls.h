// TLS contexts: what listeners show and what the client trusts. Keys and certificates are parsed
// once and kept (parsing a key costs more than using it).
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

#include "base/result.h"

namespace toolgate::net {

// What a listener needs to speak TLS.
class TlsContexts {
 public:
  virtual ~TlsContexts() = default;
  // The context for a client that asks for `server_name`; empty when it names none. Null refuses
  // the handshake. Any thread.
  virtual std::shared_ptr<SSL_CTX> context_for(std::string_view server_name) = 0;
};

// Of PEM texts: the chain, leaf first, and its private key. Fails with Code::invalid.
[[nodiscard]] Result<std::shared_ptr<SSL_CTX>> make_server_context(std::string_view chain_pem,
                                                                   std::string_view key_pem);

// A client's: verifies against the PEM file of roots, or the system's when the name is empty.
[[nodiscard]] Result<std::shared_ptr<SSL_CTX>> make_client_context(const std::string& ca_file);

// One certificate for all names, from two files that can be read again.
class TlsFiles final : public TlsContexts {
 public:
  // Fails with Code::invalid, naming the file.
  static Result<std::shared_ptr<TlsFiles>> load(std::string chain_file, std::string key_file);
  // New connections get what the files hold now. On failure the old stays. Any thread.
  Result<void> reload();
  std::shared_ptr<SSL_CTX> context_for(std::string_view server_name) override;

 private:
  TlsFiles(std::string chain_file, std::string key_file)
      : chain_file_{std::move(chain_file)}, key_file_{std::move(key_file)} {}

  const std::string chain_file_;
  const std::string key_file_;
  std::mutex mutex_;  // once a connection
  std::shared_ptr<SSL_CTX> context_;
};

// The context a listener begins with: it asks `contexts` when it knows the server's name.
[[nodiscard]] std::shared_ptr<SSL_CTX> make_listener_context(TlsContexts& contexts);

}  // namespace toolgate::net
