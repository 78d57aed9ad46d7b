#include "crypto/crc.h"

#include <nmmintrin.h>

#include <array>
#include <bit>
#include <cstring>

namespace toolgate::crypto {
namespace {

static_assert(std::endian::native == std::endian::little);

// Reflected polynomials and widths; all three begin with ones and end inverted.
struct Model {
  std::uint64_t polynomial;
  int bits;
};
constexpr Model model_of(Crc kind) {
  switch (kind) {
    case Crc::crc32:
      return {.polynomial = 0xEDB88320, .bits = 32};
    case Crc::crc32c:
      return {.polynomial = 0x82F63B78, .bits = 32};
    case Crc::crc64nvme:
      break;
  }
  return {.polynomial = 0x9A6C9329AC4BC9B5, .bits = 64};
}

constexpr std::uint64_t ones(Model model) {
  return model.bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << model.bits) - 1;
}

// Table n says what a byte does that stands n bytes before the end of a group of eight.
using Tables = std::array<std::array<std::uint64_t, 256>, 8>;
Tables make_tables(Model model) {
  Tables tables{};
  for (std::uint64_t byte = 0; byte < 256; ++byte) {
    std::uint64_t check = byte;
    for (int bit = 0; bit < 8; ++bit) {
      check = (check & 1) != 0 ? (check >> 1) ^ model.polynomial : check >> 1;
    }
    tables[0][byte] = check;
  }
  for (std::size_t n = 1; n < 8; ++n) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const auto before = tables[n - 1][byte];
      tables[n][byte] = (before >> 8) ^ tables[0][before & 0xFF];
    }
  }
  return tables;
}

const Tables& tables_of(Crc kind) {
  static const std::array<Tables, 3> all{make_tables(model_of(Crc::crc32)),
                                         make_tables(model_of(Crc::crc32c)),
                                         make_tables(model_of(Crc::crc64nvme))};
  return all.at(static_cast<std::size_t>(kind));
}

// The product of two polynomials modulo the model's, in reflected form: the highest power stands in
// the lowest bit.
std::uint64_t product(Model model, std::uint64_t a, std::uint64_t b) {
  std::uint64_t out = 0;
  for (std::uint64_t mark = std::uint64_t{1} << (model.bits - 1); mark != 0; mark >>= 1) {
    if ((a & mark) != 0) out ^= b;
    b = (b & 1) != 0 ? (b >> 1) ^ model.polynomial : b >> 1;
  }
  return out;
}

// x to the power of 8 * bytes: what that many bytes behind a check do to it.
std::uint64_t shift_of(Model model, std::uint64_t bytes) {
  std::uint64_t out = std::uint64_t{1} << (model.bits - 1);         // 1
  std::uint64_t square = std::uint64_t{1} << (model.bits - 1 - 8);  // x^8
  for (; bytes != 0; bytes >>= 1) {
    if ((bytes & 1) != 0) out = product(model, out, square);
    square = product(model, square, square);
  }
  return out;
}

// By the processor's own instruction (SSE 4.2), which knows this polynomial: a quarter of the time.
std::uint32_t crc32c_of(std::string_view bytes, std::uint64_t so_far) {
  std::uint64_t check = ~static_cast<std::uint32_t>(so_far);
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);
    check = _mm_crc32_u64(check, word);
  }
  auto rest = static_cast<std::uint32_t>(check);
  for (const char c : bytes) rest = _mm_crc32_u8(rest, static_cast<unsigned char>(c));
  return ~rest;
}

}  // namespace

std::uint64_t crc_of(Crc kind, std::string_view bytes, std::uint64_t so_far) {
  if (kind == Crc::crc32c) return crc32c_of(bytes, so_far);
  const auto& t = tables_of(kind);
  const auto inverted = ones(model_of(kind));
  std::uint64_t check = so_far ^ inverted;
  while (bytes.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);
    word ^= check;
    check = t[7][word & 0xFF] ^ t[6][(word >> 8) & 0xFF] ^ t[5][(word >> 16) & 0xFF] ^
            t[4][(word >> 24) & 0xFF] ^ t[3][(word >> 32) & 0xFF] ^ t[2][(word >> 40) & 0xFF] ^
            t[1][(word >> 48) & 0xFF] ^ t[0][word >> 56];
    bytes.remove_prefix(8);
  }
  for (const char c : bytes) {
    check = (check >> 8) ^ t[0][(check ^ static_cast<unsigned char>(c)) & 0xFF];
  }
  return check ^ inverted;
}

std::uint64_t crc_joined(Crc kind, std::uint64_t first, CrcPart second) {
  const auto model = model_of(kind);
  return product(model, shift_of(model, second.bytes), first) ^ second.check;
}

}  // namespace toolgate::crypto
