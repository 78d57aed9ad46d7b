#include "net/tls.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/file.h"

namespace toolgate::net {
namespace {

using BioPointer = std::unique_ptr<BIO, decltype(&BIO_free)>;
using X509Pointer = std::unique_ptr<X509, decltype(&X509_free)>;
using KeyPointer = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

constexpr std::size_t pem_bytes_max = 256 * 1024;

BioPointer read_only(std::string_view text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free};
}

std::shared_ptr<SSL_CTX> new_context(const SSL_METHOD* method) {
  std::shared_ptr<SSL_CTX> context{SSL_CTX_new(method), &SSL_CTX_free};
  ASSERT(context != nullptr);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_read_ahead(context.get(), 1);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  return context;
}

// Only HTTP/1.1 is spoken; a client that offers others alone is refused by RFC 7301.
int choose_protocol(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* chosen_bytes,
                    const unsigned char* offered, unsigned int offered_bytes, void* /*context*/) {
  static constexpr unsigned char http_1_1[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* out = nullptr;
  if (SSL_select_next_proto(&out, chosen_bytes, http_1_1, sizeof http_1_1, offered,
                            offered_bytes) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *chosen = out;
  return SSL_TLSEXT_ERR_OK;
}

int choose_context(SSL* ssl, int* alert, void* contexts) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  const auto context =
      static_cast<TlsContexts*>(contexts)->context_for(name == nullptr ? "" : name);
  if (!context) {
    *alert = SSL_AD_UNRECOGNIZED_NAME;
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  SSL_set_SSL_CTX(ssl, context.get());
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

Result<std::shared_ptr<SSL_CTX>> make_server_context(std::string_view chain_pem,
                                                     std::string_view key_pem) {
  const auto context = new_context(TLS_server_method());
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  ERR_clear_error();
  const auto chain = read_only(chain_pem);
  const X509Pointer leaf{PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr), &X509_free};
  if (!leaf || SSL_CTX_use_certificate(context.get(), leaf.get()) != 1) {
    return fail(Code::invalid, "The certificate is not a PEM certificate that can be used.");
  }
  while (X509* next = PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr)) {
    if (SSL_CTX_add0_chain_cert(context.get(), next) != 1) {
      X509_free(next);
      return fail(Code::invalid, "A certificate of the chain cannot be used.");
    }
  }
  const auto key_bio = read_only(key_pem);
  const KeyPointer key{PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr),
                       &EVP_PKEY_free};
  if (!key) return fail(Code::invalid, "The private key is not a PEM key without a password.");
  if (SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1) {
    return fail(Code::invalid, "The private key is not the certificate's.");
  }
  ERR_clear_error();
  return context;
}

Result<std::shared_ptr<SSL_CTX>> make_client_context(const std::string& ca_file) {
  const auto context = new_context(TLS_client_method());
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  static constexpr unsigned char http_1_1[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_protos(context.get(), http_1_1, sizeof http_1_1);
  ERR_clear_error();
  if (ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context.get());
  } else if (SSL_CTX_load_verify_file(context.get(), ca_file.c_str()) != 1) {
    return fail(Code::invalid, fmt::format("The file {} holds no PEM certificates.", ca_file));
  }
  return context;
}

Result<std::shared_ptr<TlsFiles>> TlsFiles::load(std::string chain_file, std::string key_file) {
  std::shared_ptr<TlsFiles> files{new TlsFiles{std::move(chain_file), std::move(key_file)}};
  TRY_DO(files->reload());
  return files;
}

Result<void> TlsFiles::reload() {
  TRY(const auto chain, read_file(chain_file_, pem_bytes_max));
  TRY(const auto key, read_file(key_file_, pem_bytes_max));
  auto context = make_server_context(chain, key);
  if (!context) {
    context.error().message += fmt::format(" (Files: {} and {}.)", chain_file_, key_file_);
    return std::unexpected(std::move(context).error());
  }
  const std::lock_guard lock{mutex_};
  context_ = std::move(*context);
  return {};
}

std::shared_ptr<SSL_CTX> TlsFiles::context_for(std::string_view /*server_name*/) {
  const std::lock_guard lock{mutex_};
  return context_;
}

std::shared_ptr<SSL_CTX> make_listener_context(TlsContexts& contexts) {
  const auto context = new_context(TLS_server_method());
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  SSL_CTX_set_tlsext_servername_callback(context.get(), choose_context);
  SSL_CTX_set_tlsext_servername_arg(context.get(), &contexts);
  // Resumption needs the same keys on every context; a handshake with ECDSA is cheap enough.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context.get(), 0);
  return context;
}

}  // namespace toolgate::net
