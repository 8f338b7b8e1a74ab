#include "agent/ctl/components.hpp"

#include <array>

#include <MQTTAsync.h>
#include <ares.h>
#include <asio/version.hpp>
#include <features.h>
#include <mbedtls/version.h>
#include <mqtt/async_client.h>
#include <nlohmann/json.hpp>
#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif

namespace oobm::ctl {
namespace {

std::string dotted(int major, int minor, int patch) {
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

std::string paho_c_version() {
  for (const auto* info = MQTTAsync_getVersionInfo(); info->name != nullptr; ++info)
    if (std::string_view(info->name) == "Version") return info->value;
  return "unknown";
}

std::string mbedtls_version() {
  std::array<char, 9> text{};  // the size that mbedtls/version.h asks for
  mbedtls_version_get_string(text.data());
  return text.data();
}

// libstdc++ and libgcc are of the compiler; Clang tells no more of GCC's than the headers do.
std::string gcc_version() {
#ifdef __clang__
  return std::to_string(_GLIBCXX_RELEASE);
#else
  return dotted(__GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#endif
}

}  // namespace

// Asio and nlohmann/json are headers; Paho C++ does not tell its version but there.
std::vector<Component> components() {
  constexpr int paho = static_cast<int>(mqtt::VERSION);  // 0xMMmmpppp
  return {
      {"asio", dotted(ASIO_VERSION / 100000, ASIO_VERSION / 100 % 1000, ASIO_VERSION % 100)},
      {"c-ares", ares_version(nullptr)},
      {"gcc", gcc_version()},
#ifdef __GLIBC__
      {"glibc", gnu_get_libc_version()},
#endif
      {"mbedtls", mbedtls_version()},
      {"nlohmann-json3", dotted(NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR,
                                NLOHMANN_JSON_VERSION_PATCH)},
      {"paho.mqtt.c", paho_c_version()},
      {"paho.mqtt.cpp", dotted(paho >> 24, paho >> 16 & 0xff, paho & 0xffff)},
  };
}

}  // namespace oobm::ctl
