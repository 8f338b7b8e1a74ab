// The linker puts this function in front of verify_es256() (CMakeLists.txt). The same text is
// verified at every start of a router, and again with every repetition; half of a simulated year
// would go into it. The answer depends on key, text and signature alone, so what was verified once
// is remembered by these three.
#include <string>
#include <unordered_map>

#include "agent/alms/es256.hpp"

namespace oobm::sim {
namespace {

constexpr std::size_t most_remembered = 4'096;  // of about 1.5 kB

std::string name_of(const core::SigningKey& key, std::string_view input,
                    const alms::Es256Signature& signature) {
  std::string name(key.x.begin(), key.x.end());
  name.append(key.y.begin(), key.y.end());
  name.append(signature.begin(), signature.end());
  return name.append(input);
}

}  // namespace

extern "C" {
bool oobm_real_verify_es256(const core::SigningKey& key, std::string_view input, const alms::Es256Signature& signature) asm(
    "__real__ZN4oobm4alms12verify_es256ERKNS_4core10SigningKeyESt17basic_string_"
    "viewIcSt11char_traitsIcEERKSt5arrayIhLm64EE");
bool oobm_wrapped_verify_es256(const core::SigningKey& key, std::string_view input, const alms::Es256Signature& signature) asm(
    "__wrap__ZN4oobm4alms12verify_es256ERKNS_4core10SigningKeyESt17basic_string_"
    "viewIcSt11char_traitsIcEERKSt5arrayIhLm64EE");
}

bool oobm_wrapped_verify_es256(const core::SigningKey& key, std::string_view input,
                               const alms::Es256Signature& signature) {
  thread_local std::unordered_map<std::string, bool> verified;
  auto name = name_of(key, input, signature);
  if (const auto found = verified.find(name); found != verified.end()) return found->second;
  if (verified.size() >= most_remembered) verified.clear();
  const bool good = oobm_real_verify_es256(key, input, signature);
  verified.emplace(std::move(name), good);
  return good;
}

}  // namespace oobm::sim
