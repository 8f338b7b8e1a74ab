// Instances and catalogue: data that comes with the firmware, not the owner's choices.
#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

#include <arpa/inet.h>

#include "agent/daemon/config.hpp"
#include "agent/daemon/config_reader.hpp"

namespace oobm::daemon {
namespace {

constexpr std::size_t max_host_bytes = 253;  // RFC 1035 section 2.3.4, without the final dot
constexpr std::size_t max_alpn_bytes = 255;  // RFC 7301 section 3.1
constexpr std::size_t max_trust_bytes = 1536;
constexpr std::size_t max_dropin_files = 64;
constexpr std::array<std::string_view, 2> regions{"NA", "GLOBAL"};

bool is_address(const std::string& text) {
  std::array<unsigned char, 16> bytes{};
  return ::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

bool is_host(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
  };
  return !text.empty() && text.size() <= max_host_bytes && std::ranges::all_of(text, allowed);
}

void read_server(ConfigReader& in, MqttEndpoint& endpoint) {
  in.text("host", endpoint.host, max_host_bytes);
  if (!is_host(endpoint.host))
    in.fail("host", "must be a host name of letters, digits, '-' and '.'");
  std::int64_t port = endpoint.port;
  in.number("port", port, 1, 65535);
  endpoint.port = static_cast<std::uint16_t>(port);
  in.texts("addresses", endpoint.addresses, max_instance_addresses);
  for (const auto& address : endpoint.addresses)
    if (!is_address(address))
      in.fail("addresses", "\"" + address + "\" is neither an IPv4 nor an IPv6 address");
}

void read_mqtt(ConfigReader& in, MqttEndpoint& endpoint) {
  read_server(in, endpoint);
  in.text("alpn", endpoint.alpn, max_alpn_bytes);
}

void read_serves(ConfigReader& in, std::vector<core::Region>& serves) {
  std::vector<std::string> names;
  in.texts("serves", names, regions.size());
  for (const auto& name : names) {
    const auto region = core::region_from_text(name);
    if (!region) return in.fail("serves", "\"" + name + "\" is none of: NA, GLOBAL");
    serves.push_back(*region);
  }
}

// Null when there are none, or none that could be keys.
const nlohmann::json* read_keys(ConfigReader& in, const char* name, std::size_t most) {
  const auto* keys = in.raw(name);
  if (keys == nullptr) return nullptr;
  const auto is_key = [](const auto& key) { return key.is_object() && key.contains("kty"); };
  if (keys->is_array() && keys->size() <= most && std::ranges::all_of(*keys, is_key)) return keys;
  in.fail(name, "must be a list of at most " + std::to_string(most) + " public keys in JWK form");
  return nullptr;
}

std::string text_of(const nlohmann::json& keys) {
  return keys.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

void read_roots(ConfigReader& in, InstanceConfig& instance) {
  instance.roots_json = "[]";
  const auto* roots = read_keys(in, "roots", max_roots);
  if (roots == nullptr) return;
  instance.sample_roots = std::ranges::any_of(*roots, [](const auto& root) {
    const auto sample = root.find("sample");
    return sample != root.end() && *sample != false;
  });
  instance.roots_json = text_of(*roots);
}

void read_packages(ConfigReader& in, InstanceConfig& instance) {
  if (const auto* keys = read_keys(in, "packages", max_package_keys))
    instance.packages_json = text_of(*keys);
}

// A compact JWS as it stands, or the name of a file that holds one.
void read_trust(ConfigReader& in, std::string& trust) {
  in.text("trust", trust, max_trust_bytes);
  if (trust.empty() || (trust.starts_with("eyJ") && std::ranges::count(trust, '.') == 2)) return;
  auto text = read_text_file(resolve(in.file(), trust), max_trust_bytes);
  if (text)
    trust = *std::move(text);
  else
    in.fail("trust", "neither a signed text nor a file: " + to_text(text.error()));
}

void read_file_server(ConfigReader& in, std::vector<MqttEndpoint>& servers) {
  constexpr std::uint16_t https_port = 443;
  MqttEndpoint server{.host = {}, .port = https_port, .addresses = {}};
  read_server(in, server);
  servers.push_back(std::move(server));
}

InstanceConfig read_instance(ConfigReader& in) {
  InstanceConfig config;
  auto& instance = config.instance;
  in.text("id", instance.id, 16);
  in.text("name", instance.name);
  if (instance.id.empty()) in.fail("id", "is missing");
  in.text("portal", instance.portal);
  in.text("residency", instance.residency);
  read_serves(in, instance.serves);
  in.object("mqtt", [&](ConfigReader& mqtt) { read_mqtt(mqtt, config.mqtt.emplace()); });
  in.objects("files", max_file_servers,
             [&](ConfigReader& file) { read_file_server(file, config.files); });
  in.path("tls_anchors", config.tls_anchors);
  in.path("tls_revocations", config.tls_revocations);
  read_roots(in, config);
  read_packages(in, config);
  read_trust(in, config.trust);
  return config;
}

// A router belongs to one instance: two of one name, or two that serve one region, would leave open
// to which.
void check_apart(const ConfigReader& in, const std::vector<InstanceConfig>& list,
                 const core::Instance& added) {
  for (const auto& known : list) {
    const auto& other = known.instance;
    if (other.id == added.id) in.fail("id", "\"" + added.id + "\" stands twice");
    for (const auto region : added.serves)
      if (std::ranges::contains(other.serves, region))
        in.fail("serves", "\"" + std::string(core::to_text(region)) + "\" is served by \"" +
                              other.id + "\" already; a region has one instance");
  }
}

core::CatalogueEntry* find_sku(std::vector<core::CatalogueEntry>& list, const core::SkuCode& sku) {
  const auto found = std::ranges::find(list, sku, &core::CatalogueEntry::sku);
  return found == list.end() ? nullptr : &*found;
}

void add_entry(const ConfigReader& in, std::vector<core::CatalogueEntry>& list,
               core::CatalogueEntry entry) {
  auto* known = find_sku(list, entry.sku);
  if (known == nullptr) {
    if (list.size() == max_catalogue_entries)
      return in.fail("", "more than " + std::to_string(max_catalogue_entries) + " SKUs");
    return list.push_back(std::move(entry));
  }
  const bool same = known->model == entry.model && known->region == entry.region;
  if (known->sample || same)
    *known = std::move(entry);
  else
    in.fail("sku", "\"" + entry.sku.str() + "\" is known with another model or region already");
}

void read_entry(ConfigReader& in, std::vector<core::CatalogueEntry>& list) {
  std::string code;
  std::string model;
  bool sample = false;
  in.text("sku", code);
  in.text("model", model, 16);
  const auto region = in.choice("region", regions);
  in.boolean("sample", sample);
  const auto sku = core::SkuCode::parse(code);
  if (!sku) in.fail("sku", sku.error());
  if (model.empty()) in.fail("model", "is missing");
  if (!region) in.fail("region", "is missing; it is NA or GLOBAL");
  if (in.failed()) return;
  add_entry(in, list, {*sku, model, *core::region_from_text(regions[*region]), sample});
}

ConfigResult<void> read_catalogue(const std::string& path,
                                  std::vector<core::CatalogueEntry>& list) {
  const auto document = read_json_file(path);
  if (!document) return std::unexpected(document.error());
  ConfigReader::Context context{path, std::nullopt};
  ConfigReader reader(*document, "", context);
  reader.objects("skus", max_catalogue_entries, [&](ConfigReader& in) { read_entry(in, list); });
  reader.finish();
  if (context.error) return std::unexpected(*std::move(context.error));
  return {};
}

ConfigResult<std::vector<std::string>> drop_ins(const std::string& folder) {
  namespace fs = std::filesystem;
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (it->path().extension() == ".json") files.push_back(it->path().string());
  if (error && error != std::errc::no_such_file_or_directory)
    return std::unexpected(ConfigError{folder, "", "cannot be read: " + error.message()});
  if (files.size() > max_dropin_files)
    return std::unexpected(
        ConfigError{folder, "", "has more than " + std::to_string(max_dropin_files) + " files"});
  std::ranges::sort(files);
  return files;
}

}  // namespace

ConfigResult<std::vector<InstanceConfig>> load_instances(const std::string& path) {
  const auto document = read_json_file(path);
  if (!document) return std::unexpected(document.error());
  ConfigReader::Context context{path, std::nullopt};
  ConfigReader reader(*document, "", context);
  std::vector<InstanceConfig> list;
  reader.objects("instances", max_instances, [&](ConfigReader& in) {
    auto instance = read_instance(in);
    check_apart(in, list, instance.instance);
    list.push_back(std::move(instance));
  });
  reader.finish();
  if (list.empty()) reader.fail("instances", "is missing or empty");
  if (context.error) return std::unexpected(*std::move(context.error));
  return list;
}

std::optional<std::string> why_unusable(const InstanceConfig& instance) {
  const auto because = [&](std::string_view what) {
    return "No connection is made to ALMS instance \"" + instance.instance.id +
           "\": " + std::string(what) + " Install the vendor's instance data.";
  };
  if (!instance.mqtt) return because("its MQTT host is not known.");
  if (instance.tls_anchors.empty())
    return because("there is no CA certificate to know its brokers by.");
  if (instance.roots_json == "[]")
    return because("there is no root key to check its signed statements with.");
  if (instance.sample_roots) return because("its root keys are samples.");
  return std::nullopt;
}

ConfigResult<std::vector<core::CatalogueEntry>> load_catalogue(const Config& config) {
  auto files = drop_ins(config.catalogue_folder);
  if (!files) return std::unexpected(files.error());
  files->insert(files->begin(), config.catalogue_files.begin(), config.catalogue_files.end());
  std::vector<core::CatalogueEntry> list;
  for (const auto& file : *files)
    if (auto read = read_catalogue(file, list); !read) return std::unexpected(read.error());
  return list;
}

}  // namespace oobm::daemon
