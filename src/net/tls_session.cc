#include "net/tls_session.h"

#include <cstring>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/result.h"
#include "net/ip.h"

namespace toolgate::net {

TlsSession::TlsSession(SSL* ssl) : ssl_{ssl} {
  BIO* bio = BIO_new(method());
  ASSERT(bio != nullptr);
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_, bio, bio);
}

TlsSession::~TlsSession() { SSL_free(ssl_); }

std::unique_ptr<TlsSession> TlsSession::accept(SSL_CTX& context) {
  SSL* ssl = SSL_new(&context);
  ASSERT(ssl != nullptr);
  SSL_set_accept_state(ssl);
  return std::unique_ptr<TlsSession>{new TlsSession{ssl}};
}

std::unique_ptr<TlsSession> TlsSession::connect(SSL_CTX& context, const std::string& server_name) {
  SSL* ssl = SSL_new(&context);
  ASSERT(ssl != nullptr);
  SSL_set_connect_state(ssl);
  if (Ip::parse(server_name)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), server_name.c_str());
  } else {
    SSL_set_tlsext_host_name(ssl, server_name.c_str());
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    SSL_set1_host(ssl, server_name.c_str());
  }
  return std::unique_ptr<TlsSession>{new TlsSession{ssl}};
}

TlsSession::Step TlsSession::step_of(int result) {
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_NONE:
      return Step::done;
    case SSL_ERROR_WANT_READ:
      return Step::wants_input;
    case SSL_ERROR_ZERO_RETURN:
      return Step::closed;
    default:
      break;
  }
  const auto verified = SSL_get_verify_result(ssl_);
  if (verified != X509_V_OK) {
    error_ = X509_verify_cert_error_string(verified);
  } else if (const char* reason = ERR_reason_error_string(ERR_peek_last_error())) {
    error_ = reason;
  } else {
    error_ = "the peer broke the protocol";
  }
  return Step::failed;
}

TlsSession::Step TlsSession::handshake() {
  ERR_clear_error();
  return step_of(SSL_do_handshake(ssl_));
}

TlsSession::Step TlsSession::decrypt(char* to, std::size_t size, std::size_t& bytes) {
  ERR_clear_error();
  return step_of(SSL_read_ex(ssl_, to, size, &bytes));
}

std::size_t TlsSession::encrypt(std::string_view plain) {
  ERR_clear_error();
  std::size_t taken = 0;
  const auto step = step_of(SSL_write_ex(ssl_, plain.data(), plain.size(), &taken));
  return step == Step::done ? taken : 0;
}

void TlsSession::say_goodbye() {
  ERR_clear_error();
  if (SSL_is_init_finished(ssl_)) SSL_shutdown(ssl_);
}

std::span<char> TlsSession::input_room() {
  if (input_begin_ == input_end_) {
    input_begin_ = input_end_ = 0;
  } else if (input_end_ == input_.size()) {
    std::memmove(input_.data(), input_.data() + input_begin_, input_end_ - input_begin_);
    input_end_ -= input_begin_;
    input_begin_ = 0;
  }
  return std::span{input_}.subspan(input_end_);
}

void TlsSession::drop_pending(std::size_t bytes) {
  sent_ += bytes;
  if (sent_ < output_.size()) return;
  output_.clear();
  sent_ = 0;
}

int TlsSession::on_read(BIO* bio, char* to, int size) {
  auto& self = *static_cast<TlsSession*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const auto n = std::min(static_cast<std::size_t>(size), self.input_end_ - self.input_begin_);
  if (n == 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  std::memcpy(to, self.input_.data() + self.input_begin_, n);
  self.input_begin_ += n;
  return static_cast<int>(n);
}

int TlsSession::on_write(BIO* bio, const char* from, int size) {
  auto& self = *static_cast<TlsSession*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  self.output_.append(from, static_cast<std::size_t>(size));
  return size;
}

long TlsSession::on_control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* TlsSession::method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "toolgate memory");
    ASSERT(made != nullptr);
    BIO_meth_set_read(made, on_read);
    BIO_meth_set_write(made, on_write);
    BIO_meth_set_ctrl(made, on_control);
    return made;
  }();
  return method;
}

}  // namespace toolgate::net
