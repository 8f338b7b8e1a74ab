#include "agent/store/crc32c.hpp"

#include <array>
#include <bit>
#include <cstring>

#if defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#elif defined(__SSE4_2__) && defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace oobm::store {
namespace {

static_assert(std::endian::native == std::endian::little);

// The routers' processor (Cortex-A53) has instructions for this sum.
#if defined(__ARM_FEATURE_CRC32)

std::uint32_t add(std::uint32_t crc, std::uint8_t byte) { return __crc32cb(crc, byte); }
std::uint32_t add(std::uint32_t crc, std::uint64_t word) { return __crc32cd(crc, word); }

#elif defined(__SSE4_2__) && defined(__x86_64__)

std::uint32_t add(std::uint32_t crc, std::uint8_t byte) { return _mm_crc32_u8(crc, byte); }
std::uint32_t add(std::uint32_t crc, std::uint64_t word) {
  return static_cast<std::uint32_t>(_mm_crc32_u64(crc, word));
}

#else

constexpr std::uint32_t reflected_polynomial = 0x82f63b78;

// Four bits at a step: sixteen entries instead of 256 are quick enough for one small document.
constexpr std::array<std::uint32_t, 16> make_table() {
  std::array<std::uint32_t, 16> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 4; ++bit)
      value = (value & 1u) != 0 ? (value >> 1) ^ reflected_polynomial : value >> 1;
    table[i] = value;
  }
  return table;
}
constexpr auto table = make_table();

std::uint32_t add(std::uint32_t crc, std::uint8_t byte) {
  crc ^= byte;
  crc = (crc >> 4) ^ table[crc & 0xfu];
  return (crc >> 4) ^ table[crc & 0xfu];
}
std::uint32_t add(std::uint32_t crc, std::uint64_t word) {
  for (std::size_t i = 0; i < sizeof word; ++i, word >>= 8)
    crc = add(crc, static_cast<std::uint8_t>(word));
  return crc;
}

#endif

}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc) {
  crc = ~crc;
  std::uint64_t word = 0;
  for (; bytes.size() >= sizeof word; bytes.remove_prefix(sizeof word)) {
    std::memcpy(&word, bytes.data(), sizeof word);
    crc = add(crc, word);
  }
  for (const char byte : bytes) crc = add(crc, static_cast<std::uint8_t>(byte));
  return ~crc;
}

}  // namespace oobm::store
