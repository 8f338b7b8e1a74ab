// The linker puts these functions in front of verify_es256() and of the simulated ALMS's
// KeyPair::sign() (CMakeLists.txt). Arithmetic on the curve would be half of a simulated year, and
// its answer depends on key, text and signature alone: what ALMS has just signed with a key, or
// what was verified once, is remembered by these three. Everything else is verified in earnest.
#include <mutex>
#include <string>
#include <unordered_map>

#include "agent/alms/es256.hpp"
#include "tests/alms-sim/jose.hpp"

namespace oobm::sim {
namespace {

constexpr std::size_t most_remembered = 4'096;  // of about 1.5 kB

using Verdicts = std::unordered_map<std::string, bool>;

Verdicts& verdicts() {
  thread_local Verdicts memory;
  if (memory.size() >= most_remembered) memory.clear();
  return memory;
}

std::string name_of(const core::SigningKey& key, std::string_view input,
                    std::string_view signature) {
  std::string name(key.x.begin(), key.x.end());
  name.append(key.y.begin(), key.y.end());
  return name.append(signature).append(input);
}

void read_coordinate(const alms_sim::Json& jwk, const char* name, auto& octets) {
  const auto value = alms_sim::base64url_decode(jwk.at(name).get<std::string>()).value();
  std::ranges::copy(value, octets.begin());
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
  auto& verified = verdicts();
  auto name =
      name_of(key, input, {reinterpret_cast<const char*>(signature.data()), signature.size()});
  if (const auto found = verified.find(name); found != verified.end()) return found->second;
  // PSA is not made for several threads.
  static std::mutex one_at_a_time;
  const std::scoped_lock lock(one_at_a_time);
  const bool good = oobm_real_verify_es256(key, input, signature);
  verified.emplace(std::move(name), good);
  return good;
}

// Member functions, called as functions that take the object first (Itanium C++ ABI, 5.1.5).
std::string real_sign(const alms_sim::KeyPair* key, std::string_view message) asm(
    "__real__ZNK4oobm8alms_sim7KeyPair4signB5cxx11ESt17basic_string_viewIcSt11char_traitsIcEE");
std::string wrapped_sign(const alms_sim::KeyPair* key, std::string_view message) asm(
    "__wrap__ZNK4oobm8alms_sim7KeyPair4signB5cxx11ESt17basic_string_viewIcSt11char_traitsIcEE");

std::string wrapped_sign(const alms_sim::KeyPair* key, std::string_view message) {
  auto signature = real_sign(key, message);
  const auto jwk = key->public_jwk();
  core::SigningKey public_key;
  read_coordinate(jwk, "x", public_key.x);
  read_coordinate(jwk, "y", public_key.y);
  verdicts().emplace(name_of(public_key, message, signature), true);
  return signature;
}

}  // namespace oobm::sim
