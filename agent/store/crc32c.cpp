#include "agent/store/crc32c.hpp"

#include <array>

namespace oobm::store {
namespace {

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

}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc) {
  crc = ~crc;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    crc = (crc >> 4) ^ table[crc & 0xfu];
    crc = (crc >> 4) ^ table[crc & 0xfu];
  }
  return ~crc;
}

}  // namespace oobm::store
