// TLS over memory: what came from the socket goes in, what must go out piles up. No socket here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

namespace toolgate::net {

class TlsSession {
 public:
  enum class Step : std::uint8_t { done, wants_input, closed, failed };

  // `server_name`, for a client: what the certificate must name, a host name or an address.
  static std::unique_ptr<TlsSession> accept(SSL_CTX& context);
  static std::unique_ptr<TlsSession> connect(SSL_CTX& context, const std::string& server_name);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  Step handshake();
  // Plain text, at most `size` bytes of it; `bytes` > 0 comes with Step::done.
  Step decrypt(char* to, std::size_t size, std::size_t& bytes);
  // Bytes of `plain` that are encrypted now; 0 when the session is broken.
  std::size_t encrypt(std::string_view plain);
  void say_goodbye();

  // Where to read from the socket into, after Step::wants_input.
  [[nodiscard]] std::span<char> input_room();
  void input_came(std::size_t bytes) { input_end_ += bytes; }
  // Ciphertext for the socket.
  [[nodiscard]] std::string_view pending() const {
    return std::string_view{output_}.substr(sent_);
  }
  void drop_pending(std::size_t bytes);

  // What the last failure was, in OpenSSL's words.
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  explicit TlsSession(SSL* ssl);
  Step step_of(int result);
  static int on_read(BIO* bio, char* to, int size);
  static int on_write(BIO* bio, const char* from, int size);
  static long on_control(BIO* bio, int command, long number, void* pointer);
  static BIO_METHOD* method();

  SSL* ssl_;
  std::array<char, 16 * 1024 + 512> input_;  // one record
  std::size_t input_begin_ = 0;
  std::size_t input_end_ = 0;
  std::string output_;
  std::size_t sent_ = 0;
  std::string error_;
};

}  // namespace toolgate::net
