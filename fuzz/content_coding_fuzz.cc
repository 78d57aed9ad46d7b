// Packed answers: what comes out keeps its bound, and is the same whether the answer came whole or
// by pieces. The first byte says the coding, the second how long a piece is.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/run_task.h"
#include "net/content_coding.h"

using namespace toolgate;

namespace {

constexpr std::size_t bytes_max = 128 * 1024;
constexpr std::string_view codings[] = {"gzip", "deflate", "x-gzip", "br"};

struct Came {
  std::string plain;
  bool whole = false;  // nothing failed
};

Came whole(std::string_view coding, std::string_view packed) {
  net::ClientResponse answer;
  answer.status = 200;
  answer.buffer = std::make_shared<std::string>(packed);
  answer.headers.add({"content-encoding", coding});
  answer.body = *answer.buffer;
  const auto done = net::decode_content(answer, bytes_max);
  ASSERT(!done || answer.body.size() <= bytes_max);
  return {.plain = done ? std::string{answer.body} : std::string{}, .whole = done.has_value()};
}

class Pieces final : public net::BodyReader {
 public:
  Pieces(std::string_view bytes, std::size_t step) : bytes_{bytes}, step_{step} {}
  Task<Result<std::string_view>> read(Deadline /*deadline*/) override {
    const auto piece = bytes_.substr(0, step_);
    bytes_.remove_prefix(piece.size());
    co_return piece;
  }

 private:
  std::string_view bytes_;
  std::size_t step_;
};

Came by_pieces(std::string_view coding, std::string_view packed, std::size_t step) {
  net::ClientStream answer;
  answer.status = 200;
  answer.headers.add({"content-encoding", coding});
  answer.body = std::make_unique<Pieces>(packed, step);
  if (!net::decode_content(answer, bytes_max)) return {};
  Came came;
  for (;;) {
    const auto piece = run_task(answer.body->read(Deadline::max()));
    if (!piece) return {};
    if (piece->empty()) break;
    came.plain += *piece;
    ASSERT(came.plain.size() <= bytes_max);
  }
  came.whole = true;
  return came;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto coding = codings[data[0] % std::size(codings)];
  const std::string_view packed{reinterpret_cast<const char*>(data) + 2, size - 2};
  const Came one = whole(coding, packed);
  const Came other = by_pieces(coding, packed, std::size_t{1} + data[1]);
  ASSERT(one.whole == other.whole && one.plain == other.plain);
  return 0;
}
