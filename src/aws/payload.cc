#include "aws/payload.h"

#include <charconv>

#include "aws/refuse.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "crypto/sigv4.h"

namespace toolgate::aws {
namespace {

std::unexpected<Error> incomplete(std::string message) {
  return refuse(Code::invalid, "IncompleteBody", std::move(message));
}

std::optional<std::uint64_t> number_of(std::optional<std::string_view> text) {
  std::uint64_t value = 0;
  if (!text || text->empty()) return std::nullopt;
  const auto* const end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, value);
  return error == std::errc{} && stop == end ? std::optional{value} : std::nullopt;
}

}  // namespace

Task<Result<std::string_view>> WholeBody::read(Deadline) { co_return std::exchange(body_, {}); }

bool is_aws_chunked(const net::Request& request) {
  return request.headers.find("x-amz-content-sha256").value_or("").starts_with("STREAMING-") ||
         request.headers.lists("content-encoding", "aws-chunked");
}

Payload::Payload(const net::Request& request, std::optional<crypto::ChunkSignatures> chunks,
                 net::BodyReader& source)
    : source_{source}, chunks_{std::move(chunks)}, chunked_{is_aws_chunked(request)} {
  const auto declared = request.headers.find("x-amz-content-sha256").value_or("");
  length_ =
      number_of(request.headers.find(chunked_ ? "x-amz-decoded-content-length" : "content-length"));
  promised_trailers_ = lower(request.headers.find("x-amz-trailer").value_or(""));
  if (!chunked_ && declared.size() == 64) declared_hash_ = declared;
  if (chunks_ || !declared_hash_.empty()) digest_.emplace(crypto::RunningDigest::Kind::sha256);
}

Task<Result<std::string_view>> Payload::read(Deadline deadline) {
  if (ended_) co_return std::string_view{};
  if (chunked_ && !length_) {
    co_return refuse(Code::invalid, "MissingContentLength",
                     "You must provide the Content-Length HTTP header (for aws-chunked, "
                     "x-amz-decoded-content-length).");
  }
  Result<std::string_view> piece;
  if (chunked_) {
    piece = co_await read_chunked(deadline);
  } else {
    piece = co_await source_.read(deadline);
    if (piece && digest_) digest_->add(*piece);
  }
  if (!piece) co_return piece;
  taken_ += piece->size();
  if (length_ && taken_ > *length_) {
    co_return incomplete("The body is longer than its declared length.");
  }
  if (piece->empty()) {
    ended_ = true;
    CO_TRY_DO(check_end());
  }
  co_return piece;
}

Task<Result<std::string_view>> Payload::read_chunked(Deadline deadline) {
  while (true) {
    std::string_view piece;
    switch (decoder_.next(rest_, piece)) {
      case AwsChunkDecoder::Event::data:
        if (digest_) digest_->add(piece);
        co_return piece;
      case AwsChunkDecoder::Event::chunk:
        CO_TRY_DO(check_chunk());
        break;
      case AwsChunkDecoder::Event::end:
        if (!rest_.empty()) co_return incomplete("Something follows the last chunk of the body.");
        co_return std::string_view{};
      case AwsChunkDecoder::Event::broken:
        co_return incomplete("The body is no well-formed aws-chunked stream.");
      case AwsChunkDecoder::Event::more:
        CO_TRY(rest_, co_await source_.read(deadline));
        if (rest_.empty()) co_return incomplete("The body ends before its last chunk.");
        break;
    }
  }
}

Result<void> Payload::check_chunk() {
  if (!chunks_) return {};
  const auto expected = chunks_->next_chunk(crypto::hex(digest_->take()));
  if (crypto::equal_in_constant_time(expected, decoder_.signature())) return {};
  return refuse(Code::unauthenticated, "SignatureDoesNotMatch",
                "The signature we calculated for a chunk of the body does not match the one you "
                "provided.");
}

// A trailer that was promised is there, and is signed where the chunks are.
Result<void> Payload::check_trailers() {
  for (const auto name : split(promised_trailers_, ',')) {
    if (trim(name).empty() || net::find_header(trailers(), trim(name))) continue;
    return refuse(Code::invalid, "MalformedTrailerError",
                  "The request contained trailing data that was not well-formed or did not conform "
                  "to our published schema.");
  }
  if (!chunks_ || (promised_trailers_.empty() && trailers().empty())) return {};
  std::string lines;
  for (const auto& [name, value] : trailers()) {
    lines.append(name).append(":").append(value).append("\n");
  }
  const auto expected = chunks_->trailer(crypto::sha256_hex(lines));
  if (crypto::equal_in_constant_time(expected, decoder_.trailer_signature())) return {};
  return refuse(Code::unauthenticated, "SignatureDoesNotMatch",
                "The signature we calculated for the body's trailers does not match the one you "
                "provided.");
}

Result<void> Payload::check_end() {
  if (length_ && taken_ != *length_) {
    return incomplete(
        "You did not provide the number of bytes specified by the Content-Length "
        "HTTP header.");
  }
  if (chunked_) return check_trailers();
  if (!declared_hash_.empty() && crypto::hex(digest_->take()) != declared_hash_) {
    return std::unexpected(crypto::content_mismatch());
  }
  return {};
}

}  // namespace toolgate::aws
