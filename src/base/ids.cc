#include "base/ids.h"

#include <array>

#include <fmt/format.h>
#include <sys/random.h>

#include "base/result.h"

namespace toolgate {
namespace {

void fill_random(unsigned char* bytes, std::size_t size) {
  while (size > 0) {
    const auto n = getrandom(bytes, size, 0);
    ASSERT(n > 0);
    bytes += n;
    size -= static_cast<std::size_t>(n);
  }
}

}  // namespace

std::string random_text(std::size_t length, std::string_view alphabet) {
  ASSERT(!alphabet.empty() && alphabet.size() <= 256);
  // Bytes past the last whole multiple of the alphabet are thrown away, so that all are as likely.
  const std::size_t usable = 256 / alphabet.size() * alphabet.size();
  std::string out;
  out.reserve(length);
  std::array<unsigned char, 64> bytes{};
  while (out.size() < length) {
    fill_random(bytes.data(), bytes.size());
    for (const auto byte : bytes) {
      if (out.size() < length && byte < usable) out += alphabet[byte % alphabet.size()];
    }
  }
  return out;
}

std::string random_uuid() {
  std::array<unsigned char, 16> b{};
  fill_random(b.data(), b.size());
  b[6] = static_cast<unsigned char>((b[6] & 0x0f) | 0x40);
  b[8] = static_cast<unsigned char>((b[8] & 0x3f) | 0x80);
  std::string out;
  for (std::size_t i = 0; i < b.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    fmt::format_to(std::back_inserter(out), "{:02x}", b[i]);
  }
  return out;
}

}  // namespace toolgate
