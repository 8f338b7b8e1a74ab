#include "agent/ctl/components.hpp"

#include <MQTTAsync.h>
#include <ares_version.h>
#include <asio/version.hpp>
#include <mbedtls/version.h>
#include <mqtt/async_client.h>
#include <nlohmann/json.hpp>

namespace oobm::ctl {
namespace {

std::string dotted(int major, int minor, int patch) {
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

// Paho C has no version in its headers; linked in, it tells its own.
std::string paho_c_version() {
  for (const auto* info = MQTTAsync_getVersionInfo(); info->name != nullptr; ++info)
    if (std::string_view(info->name) == "Version") return info->value;
  return "unknown";
}

}  // namespace

std::vector<Component> linked_components() {
  constexpr int paho = static_cast<int>(mqtt::VERSION);  // 0xMMmmpppp
  return {
      {"asio", dotted(ASIO_VERSION / 100000, ASIO_VERSION / 100 % 1000, ASIO_VERSION % 100)},
      {"c-ares", ARES_VERSION_STR},
      {"gcc", std::to_string(_GLIBCXX_RELEASE)},
      {"mbedtls", MBEDTLS_VERSION_STRING},
      {"nlohmann-json3", dotted(NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR,
                                NLOHMANN_JSON_VERSION_PATCH)},
      {"paho.mqtt.c", paho_c_version()},
      {"paho.mqtt.cpp", dotted(paho >> 24, paho >> 16 & 0xff, paho & 0xffff)},
  };
}

}  // namespace oobm::ctl
