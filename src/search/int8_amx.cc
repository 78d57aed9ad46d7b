// Tiles: one instruction multiplies 16 tokens by 16 channels over 64 inputs. A query then waits for
// its weights to come from memory; a tool's text is done in half the time.
#include <cpuid.h>
#include <immintrin.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include <sys/syscall.h>

#include "search/int8_kernels.h"

#define TARGET                                                                     \
  __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni,amx-tile,amx-int8"), \
                 min_vector_width(512)))

namespace toolgate::search {
namespace {

constexpr std::uint8_t offset = 128;
constexpr std::size_t tile_bytes = 64;  // of a row: inputs of a token, or four of each channel
constexpr std::size_t blocks = 3;       // tiles 0 to 2 are their sums, 3 to 5 their weights
constexpr int tokens_tile = 6;
constexpr std::size_t tiles = 8;

// What LDTILECFG reads (Intel 64 manual, volume 1, chapter 18).
struct alignas(64) Shapes {
  std::uint8_t palette = 1;
  std::uint8_t start_row = 0;
  std::array<std::uint8_t, 14> reserved{};
  std::array<std::uint16_t, 16> row_bytes{};
  std::array<std::uint8_t, 16> rows{};
};
constexpr Shapes all_whole() {
  Shapes shapes;
  for (std::size_t tile = 0; tile < tiles; ++tile) {
    shapes.row_bytes[tile] = tile_bytes;
    shapes.rows[tile] = int8_tokens_padding;
  }
  return shapes;
}
constexpr Shapes shapes = all_whole();

using Sums = std::int32_t[int8_tokens_padding][int8_lanes];

// Some blocks, from `channel` on, of 16 tokens.
template <std::size_t... Block>
TARGET void add_up(const Int8Matrix& matrix, std::size_t channel, const std::uint8_t* tokens,
                   Sums* sums, std::index_sequence<Block...> /*blocks*/) {
  const std::size_t block_bytes = int8_lanes * matrix.inputs;
  const std::int8_t* values = matrix.values + channel * matrix.inputs;
  (_tile_zero(Block), ...);
  for (std::size_t k = 0; k < matrix.inputs; k += tile_bytes) {
    _tile_loadd(tokens_tile, tokens + k, int8_token_bytes);
    ((_tile_loadd(blocks + Block, values + Block * block_bytes + k * int8_lanes, tile_bytes),
      _tile_dpbusd(Block, tokens_tile, blocks + Block)),
     ...);
  }
  (_tile_stored(Block, sums[Block], sizeof sums[Block][0]), ...);
}

TARGET void finish(const Int8Matrix& matrix, std::size_t channel, const Sums& sums,
                   const float* token_scales, std::size_t count, float* out) {
  const __m512i start =
      _mm512_mullo_epi32(_mm512_loadu_si512(matrix.sums + channel), _mm512_set1_epi32(-offset));
  const __m512 scales = _mm512_loadu_ps(matrix.scales + channel);
  const __m512 bias = _mm512_loadu_ps(matrix.bias + channel);
  for (std::size_t t = 0; t < count; ++t) {
    const __m512i sum = _mm512_add_epi32(_mm512_loadu_si512(sums[t]), start);
    const __m512 scale = _mm512_mul_ps(_mm512_set1_ps(token_scales[t]), scales);
    _mm512_storeu_ps(out + t * matrix.outputs,
                     _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum), scale, bias));
  }
}

TARGET void multiply(const Int8Matrix& matrix, const Int8Tokens& tokens, float* out) {
  if (matrix.inputs % tile_bytes != 0 || matrix.outputs % (blocks * int8_lanes) != 0) {
    return int8_avx512_vnni.multiply(matrix, tokens, out);
  }
  alignas(64) std::array<Sums, blocks> sums;
  _tile_loadconfig(&shapes);
  for (std::size_t n = 0; n < matrix.outputs; n += blocks * int8_lanes) {
    for (std::size_t first = 0; first < tokens.count; first += int8_tokens_padding) {
      add_up(matrix, n, tokens.values + first * int8_token_bytes, sums.data(),
             std::make_index_sequence<blocks>{});
      const std::size_t count = std::min(tokens.count - first, int8_tokens_padding);
      for (std::size_t b = 0; b < blocks; ++b) {
        finish(matrix, n + b * int8_lanes, sums[b], tokens.scales + first, count,
               out + first * matrix.outputs + n + b * int8_lanes);
      }
    }
  }
  _tile_release();  // or the kernel saves eight kilobytes whenever the thread sleeps
}

}  // namespace

bool can_run_amx() {
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  std::uint32_t c = 0;
  std::uint32_t d = 0;
  constexpr std::uint32_t tile = 1U << 24;
  constexpr std::uint32_t int8 = 1U << 25;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 || (d & tile) == 0 || (d & int8) == 0) {
    return false;
  }
  // The process must ask, once, for the state of the tiles (arch_prctl(2)).
  constexpr int request_permission = 0x1023;
  constexpr int tile_data = 18;
  return ::syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
}

const Int8Kernel int8_amx{
    .name = "amx",
    .offset = offset,
    .multiply = multiply,
    .gelu = [](float* row, std::size_t count) { int8_avx512_vnni.gelu(row, count); },
    .quantize = [](const float* row, std::size_t count, std::uint8_t by,
                   std::uint8_t* out) { return int8_avx512_vnni.quantize(row, count, by, out); },
    .queries_together = 4};

}  // namespace toolgate::search
