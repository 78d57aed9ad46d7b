#include "aws/aws_chunks.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace toolgate::aws {
namespace {

// A chunk's head is its size and a signature; a trailer is a checksum or a signature.
constexpr std::size_t line_bytes_max = 1'024;
constexpr std::size_t trailers_count_max = 16;
constexpr std::string_view signature_word = "chunk-signature=";

bool is_signature(std::string_view text) {
  return text.size() == 64 && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace

AwsChunkDecoder::Event AwsChunkDecoder::broken() {
  at_ = At::broken;
  return Event::broken;
}

bool AwsChunkDecoder::line_byte(char c) {
  if (c != '\n') {
    line_ += c;
    return false;
  }
  if (line_.ends_with('\r')) line_.pop_back();
  return true;
}

AwsChunkDecoder::Event AwsChunkDecoder::take_head() {
  const std::string_view line = line_;
  const auto semicolon = line.find(';');
  const auto digits = line.substr(0, semicolon);
  const auto* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, left_, 16);
  // No payload is as long as 2^56 bytes; the sum of all sizes must not run over.
  if (digits.empty() || digits.size() > 14 || error != std::errc{} || stop != end) return broken();
  signature_.clear();
  if (semicolon != std::string_view::npos) {
    const auto extension = line.substr(semicolon + 1);
    if (!extension.starts_with(signature_word)) return broken();
    signature_ = extension.substr(signature_word.size());
    if (!is_signature(signature_)) return broken();
  }
  line_.clear();
  at_ = left_ == 0 ? At::trailer : At::data;
  return left_ == 0 ? Event::chunk : Event::more;
}

AwsChunkDecoder::Event AwsChunkDecoder::take_trailer() {
  if (line_.empty()) {
    at_ = At::end;
    return Event::end;
  }
  const auto colon = line_.find(':');
  if (colon == std::string::npos || colon == 0 || trailers_.size() >= trailers_count_max) {
    return broken();
  }
  auto name = lower(line_.substr(0, colon));
  auto value = std::string{trim(std::string_view{line_}.substr(colon + 1))};
  line_.clear();
  if (name == "x-amz-trailer-signature") {
    if (!is_signature(value)) return broken();
    trailer_signature_ = std::move(value);
  } else {
    trailers_.push_back({std::move(name), std::move(value)});
  }
  return Event::more;
}

AwsChunkDecoder::Event AwsChunkDecoder::next(std::string_view& bytes, std::string_view& piece) {
  if (at_ == At::broken) return Event::broken;
  while (!bytes.empty()) {
    if (at_ == At::end) return broken();  // nothing may follow
    if (at_ == At::data) {
      piece =
          bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size())));
      bytes.remove_prefix(piece.size());
      left_ -= piece.size();
      if (left_ == 0) at_ = At::data_cr;
      return Event::data;
    }
    const char c = bytes.front();
    bytes.remove_prefix(1);
    if (at_ == At::data_cr || at_ == At::data_lf) {
      if (c != (at_ == At::data_cr ? '\r' : '\n')) return broken();
      const bool over = at_ == At::data_lf;
      at_ = over ? At::head : At::data_lf;
      if (over) return Event::chunk;
      continue;
    }
    if (line_.size() >= line_bytes_max) return broken();
    if (!line_byte(c)) continue;
    const auto event = at_ == At::head ? take_head() : take_trailer();
    if (event != Event::more) return event;
  }
  return Event::more;
}

}  // namespace toolgate::aws
