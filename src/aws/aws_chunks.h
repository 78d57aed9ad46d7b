// The aws-chunked coding of a payload: chunks with their signatures, then trailers. Pure: bytes in,
// events out. Source: "Signature calculations: transferring a payload in multiple chunks", S3 API.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/http.h"

namespace toolgate::aws {

class AwsChunkDecoder {
 public:
  // `data`: a piece of the payload is in `piece`; `chunk`: a chunk is over, its signature() is
  // known; `end`: so is the body, trailers() are whole; `more`: all bytes are taken.
  enum class Event : std::uint8_t { more, data, chunk, end, broken };
  // Takes bytes from the front of `bytes`.
  Event next(std::string_view& bytes, std::string_view& piece);

  // Of the chunk that is over (the last one is empty); empty when it has none.
  [[nodiscard]] const std::string& signature() const { return signature_; }
  // Behind the last chunk, but the trailers' own signature.
  [[nodiscard]] const net::Headers& trailers() const { return trailers_; }
  [[nodiscard]] const std::string& trailer_signature() const { return trailer_signature_; }

 private:
  enum class At : std::uint8_t { head, data, data_cr, data_lf, trailer, end, broken };
  Event take_head();
  Event take_trailer();
  Event broken();
  // One more byte of a line; true when the line is whole, without its end.
  bool line_byte(char c);

  At at_ = At::head;
  std::string line_;
  std::uint64_t left_ = 0;  // of this chunk's data
  std::string signature_;
  net::Headers trailers_;
  std::string trailer_signature_;
};

}  // namespace toolgate::aws
