#include "net/content_coding.h"

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "json/json.h"

namespace toolgate::net {
namespace {

// zlib's manual, inflateInit2: the largest window; with 32 more gzip's and zlib's wrappers are told
// apart, negated there is none.
constexpr int window_bits = 15;
constexpr int find_wrapper = 32;
constexpr std::size_t piece_bytes = 32 * 1024;
// Of a coding's name in a message.
constexpr std::size_t shown_bytes_max = 40;

enum class Coding : std::uint8_t { none, gzip, deflate };

std::string_view name_of(Coding coding) { return coding == Coding::gzip ? "gzip" : "deflate"; }

bool is_success(int status) { return status >= 200 && status < 300; }

std::unexpected<Error> broken(std::string_view coding, std::string_view what) {
  return fail(Code::upstream, fmt::format("read: Content-Encoding {}: {}.",
                                          json::quote(coding.substr(0, shown_bytes_max)), what));
}

// IANA's HTTP Content Coding Registry, but for those that are read and those that change nothing.
constexpr std::string_view unread_codings[] = {
    "br", "compress", "x-compress", "dcb", "dcz", "aes128gcm", "exi", "zstd", "pack200-gzip"};

// What is no coding (some servers write a charset there) packs nothing.
Result<Coding> coding_of(std::string_view field) {
  Coding found = Coding::none;
  for (const auto part : split(field, ',')) {
    const std::string coding = lower(trim(part));
    const bool gzip = coding == "gzip" || coding == "x-gzip";
    const bool unread = std::ranges::find(unread_codings, coding) != std::end(unread_codings);
    if (!gzip && coding != "deflate" && !unread) continue;
    if (unread || found != Coding::none) {
      return broken(coding,
                    "the answer is packed, which was not asked for; gzip and deflate are read");
    }
    found = gzip ? Coding::gzip : Coding::deflate;
  }
  return found;
}

class Unpacker {
 public:
  Unpacker(Coding coding, std::size_t bytes_max) : coding_{coding}, bytes_max_{bytes_max} {}
  ~Unpacker() {
    if (begun_) ::inflateEnd(&stream_);
  }
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;

  // Adds to `plain` what comes out.
  Result<void> feed(std::string_view packed, std::string& plain) {
    if (packed.empty() || over_) return {};
    if (!begun_) TRY_DO(begin(packed.front()));
    // zlib's input is not const in old headers; it is only read.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream_.avail_in = static_cast<uInt>(packed.size());
    bool more = true;  // to come out
    while (more) {
      if (member_ended_ && !next_member()) return {};
      TRY(more, inflate_piece(plain));
    }
    return {};
  }

  [[nodiscard]] Result<void> finish() const {
    if (member_ended_ || !begun_) return {};  // nothing at all is an empty answer
    return broken(name_of(coding_), "the answer is cut off");
  }

 private:
  Result<void> begin(char first) {
    // By its standard "deflate" is zlib's format; some servers send it bare (RFC 9110 §8.4.1.2).
    // zlib's begins with the method, 8, which no bare block that packs anything does.
    const bool bare = coding_ == Coding::deflate && (static_cast<unsigned char>(first) & 0x0F) != 8;
    const int bits = bare ? -window_bits : window_bits + find_wrapper;
    if (::inflateInit2(&stream_, bits) != Z_OK) return fail(Code::internal, "inflateInit2 failed");
    begun_ = true;
    return {};
  }

  // Whether gzip goes on with another member; what else stands behind the last one is passed over.
  bool next_member() {
    constexpr Bytef first_of_gzip = 0x1F;
    if (stream_.avail_in == 0) return false;
    over_ = coding_ != Coding::gzip || *stream_.next_in != first_of_gzip;
    if (over_ || ::inflateReset(&stream_) != Z_OK) return false;
    member_ended_ = false;
    return true;
  }

  // True while there may be more of the same input.
  Result<bool> inflate_piece(std::string& plain) {
    const std::size_t before = plain.size();
    plain.resize(before + piece_bytes);
    stream_.next_out = reinterpret_cast<Bytef*>(plain.data() + before);
    stream_.avail_out = static_cast<uInt>(piece_bytes);
    const int done = ::inflate(&stream_, Z_NO_FLUSH);
    const std::size_t came = piece_bytes - stream_.avail_out;
    plain.resize(before + came);
    given_ += came;
    if (given_ > bytes_max_) {
      return fail(Code::too_large,
                  fmt::format("read: the unpacked answer is longer than {} bytes.", bytes_max_));
    }
    member_ended_ = done == Z_STREAM_END;
    if (done != Z_OK && done != Z_STREAM_END && done != Z_BUF_ERROR) {
      return broken(name_of(coding_), "the answer is not packed like that, or damaged");
    }
    return member_ended_ || stream_.avail_in > 0 || stream_.avail_out == 0;
  }

  const Coding coding_;
  const std::size_t bytes_max_;
  z_stream stream_{};
  bool begun_ = false;
  bool member_ended_ = false;
  bool over_ = false;
  std::size_t given_ = 0;
};

// The plain body, padded, which keeps alive what the fields are views of.
struct Plain {
  std::string body;
  std::shared_ptr<std::string> fields;
};

// Null: the field names no coding.
Result<std::shared_ptr<std::string>> unpack(std::string_view field, std::string_view packed,
                                            std::size_t bytes_max,
                                            std::shared_ptr<std::string> fields) {
  TRY(const Coding coding, coding_of(field));
  if (coding == Coding::none) return nullptr;
  auto plain = std::make_shared<Plain>();
  plain->fields = std::move(fields);
  Unpacker unpacker{coding, bytes_max};
  TRY_DO(unpacker.feed(packed, plain->body));
  TRY_DO(unpacker.finish());
  plain->body.reserve(plain->body.size() + limits::json_padding_bytes);
  return std::shared_ptr<std::string>{plain, &plain->body};
}

class UnpackingReader final : public BodyReader {
 public:
  UnpackingReader(std::unique_ptr<BodyReader> packed, Coding coding, std::size_t bytes_max)
      : packed_{std::move(packed)}, unpacker_{coding, bytes_max} {}

  Task<Result<std::string_view>> read(Deadline deadline) override {
    plain_.clear();
    while (plain_.empty()) {
      CO_TRY(const std::string_view piece, co_await packed_->read(deadline));
      if (piece.empty()) {
        CO_TRY_DO(unpacker_.finish());
        break;
      }
      CO_TRY_DO(unpacker_.feed(piece, plain_));
    }
    co_return std::string_view{plain_};
  }

 private:
  std::unique_ptr<BodyReader> packed_;
  Unpacker unpacker_;
  std::string plain_;
};

// Fails once there is something to read: an answer without a body may name any coding.
class RefusingReader final : public BodyReader {
 public:
  RefusingReader(std::unique_ptr<BodyReader> packed, Error error)
      : packed_{std::move(packed)}, error_{std::move(error)} {}

  Task<Result<std::string_view>> read(Deadline deadline) override {
    CO_TRY(const std::string_view piece, co_await packed_->read(deadline));
    if (piece.empty()) co_return piece;
    co_return std::unexpected(error_);
  }

 private:
  std::unique_ptr<BodyReader> packed_;
  Error error_;
};

}  // namespace

Result<void> decode_content(ClientResponse& answer, std::size_t bytes_max) {
  if (answer.body.empty()) return {};
  const auto field = answer.headers.find("content-encoding");
  if (!field) return {};
  auto plain = unpack(*field, answer.body, bytes_max, answer.buffer);
  if (plain && *plain == nullptr) return {};
  if (!plain) {
    if (is_success(answer.status)) return std::unexpected(std::move(plain).error());
    answer.body = {};
    return {};
  }
  answer.buffer = *std::move(plain);
  answer.body = *answer.buffer;
  return {};
}

Result<void> decode_content(ClientStream& answer, std::size_t bytes_max) {
  const auto field = answer.headers.find("content-encoding");
  if (!field) return {};
  if (answer.whole) {
    ClientResponse whole{.status = answer.status,
                         .headers = answer.headers,
                         .body = *answer.whole,
                         .buffer = answer.buffer};
    TRY_DO(decode_content(whole, bytes_max));
    answer.whole = whole.body;
    answer.buffer = std::move(whole.buffer);
    return {};
  }
  auto coding = coding_of(*field);
  if (!coding && is_success(answer.status)) {
    answer.body =
        std::make_unique<RefusingReader>(std::move(answer.body), std::move(coding).error());
  } else if (!coding) {
    answer.body = whole_body(answer.buffer, {});
  } else if (*coding != Coding::none) {
    answer.body = std::make_unique<UnpackingReader>(std::move(answer.body), *coding, bytes_max);
  }
  return {};
}

}  // namespace toolgate::net
