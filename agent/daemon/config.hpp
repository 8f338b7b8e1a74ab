// Configuration: what the router's owner may choose, checked before anything runs. A key that is
// not known is refused, not ignored: a misspelt "instance" must not look like a pinned one. Every
// error names the file, the key, what is wrong and what is allowed. docs/configuration.md lists the
// keys.
//
// Paths that do not begin with '/' are relative to the file that names them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/core/capability.hpp"
#include "agent/core/keepalive.hpp"
#include "agent/core/region.hpp"
#include "agent/daemon/log.hpp"
#include "hal/modem/settings.hpp"

namespace oobm::daemon {

inline constexpr std::size_t max_config_bytes = 64 * 1024;
inline constexpr std::size_t max_catalogue_entries = 1024;
inline constexpr std::size_t max_instances = 16;
inline constexpr std::size_t max_instance_addresses = 8;
inline constexpr std::size_t max_roots = 8;
inline constexpr std::size_t max_package_keys = 4;  // of one instance
inline constexpr std::size_t max_file_servers = 8;  // of one instance

struct ConfigError {
  std::string file;
  std::string key;       // "mqtt.keepalive_s"; empty: the file as a whole
  std::string sentence;  // what is wrong, and what is allowed
};
// "/etc/oobm/oobm.json: mqtt.keepalive_s: 20 is out of range, allowed is 300 to 1740".
std::string to_text(const ConfigError& error);

template <class T>
using ConfigResult = std::expected<T, ConfigError>;

struct RadioConfig {
  // Serial device or USB interface (hal/modem/port_name.hpp); empty: this router has no OOBM module
  // that we can reach.
  std::string port;
  std::chrono::seconds poll{300};  // 1 to 3600
  hal::RadioSettings settings;     // technologies and bands; empty: as the module has them
};

struct BoardHelperConfig {
  std::string path = "/usr/libexec/oobm/board";
  std::map<std::string, std::string> environment;
};

struct IdentityConfig {
  std::string certificate;    // PEM file; empty: none
  std::string key;            // PEM file
  std::string password_file;  // MQTT password on its first line; empty: none
};

struct TransferConfig {
  std::string helper = "/usr/libexec/oobm/oobm-transfer";
  std::uint64_t bytes_per_s = 0;  // ceiling of the rate of a file; 0: none
};

enum class LogTarget : std::uint8_t { standard_error, syslog };

struct Config {
  std::string user = "oobm";            // whom root becomes: a name, or "UID:GID"
  std::optional<std::string> instance;  // pinned; can never override the catalogue
  std::string instances_file = "/usr/share/oobm/instances.json";
  std::vector<std::string> catalogue_files{"/usr/share/oobm/catalogue.json"};
  std::string catalogue_folder = "/etc/oobm/catalogue.d";  // *.json, in the order of their names
  std::string state_folder = "/var/lib/oobm";
  std::string run_folder = "/var/run/oobm";
  std::string control_socket = "/var/run/oobm/control.sock";
  BoardHelperConfig board;
  RadioConfig radio;
  IdentityConfig identity;
  bool metered_tls12 = false;  // over the OOBM link TLS 1.2 is asked for before 1.3
  core::UplinkPolicy uplinks;
  TransferConfig transfer;
  std::chrono::seconds keepalive = core::default_keepalive;
  bool keepalive_adapts = true;
  LogLevel log_level = LogLevel::info;
  LogTarget log_target = LogTarget::standard_error;
};

// Key absent: the default above; catalogue_folder: catalogue.d beside the file; control_socket:
// control.sock in run_folder.
ConfigResult<Config> load_config(const std::string& path);

struct MqttEndpoint {
  std::string host;  // DNS name, also the name the broker's certificate must carry
  std::uint16_t port = 8883;
  std::vector<std::string> addresses{};  // IPv4/IPv6 literals that stand in for DNS
  std::string alpn{};                    // protocol to name in TLS (RFC 7301); empty: none
};

// One ALMS instance as configured: what the region rule needs, and how to reach and believe it.
struct InstanceConfig {
  core::Instance instance;
  std::optional<MqttEndpoint> mqtt;  // absent: not reachable by this agent
  std::string tls_anchors;           // PEM file of the CAs of its brokers; empty: none
  std::string tls_revocations;       // PEM or DER file of their revocation lists; empty: none
  std::string
      roots_json;  // JSON array of JWK (RFC 7517), as written; "[]": none. Not yet believed.
  bool sample_roots = false;  // a root is marked as a sample
  std::string packages_json =
      "[]";           // JSON array of JWK: the keys that sign packages. Not yet believed.
  std::string trust;  // root-signed key set, compact JWS; empty: none. Not yet believed.
  std::vector<MqttEndpoint> files{};  // the file servers that this router may fetch from
};

ConfigResult<std::vector<InstanceConfig>> load_instances(const std::string& path);

// Why no connection may be made to this instance (no host, no TLS anchors, no roots, sample roots):
// a sentence with the next step; nothing when it can be used. The daemon asks before it makes a
// socket, and reports the answer as a link fault with the code incomplete_instance_code.
std::optional<std::string> why_unusable(const InstanceConfig& instance);
inline constexpr const char* incomplete_instance_code = "INSTANCE_INCOMPLETE";

// All files, then the folder's. An entry may replace an earlier one that is marked as a sample; any
// other SKU that comes twice, with another meaning, is an error. A folder that does not exist is
// empty.
ConfigResult<std::vector<core::CatalogueEntry>> load_catalogue(const Config& config);

}  // namespace oobm::daemon
