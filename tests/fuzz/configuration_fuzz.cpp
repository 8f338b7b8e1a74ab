// Whatever stands in a configuration file: the first byte chooses between the configuration, the
// instances and the catalogue, the rest is the file. It is refused in words that name the file, or
// everything in it is within its bounds; and instance data, however shaped, makes no key believed.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "agent/daemon/config.hpp"
#include "agent/daemon/directory.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace oobm;
using namespace oobm::daemon;
using fuzz::require;

class Folder {
 public:
  Folder() {
    auto pattern = (std::filesystem::temp_directory_path() / "oobm-fuzz-XXXXXX").string();
    require(::mkdtemp(pattern.data()) != nullptr, "there is a folder for files");
    path_ = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] std::string file(std::string_view text) const {
    const auto path = path_ + "/data.json";
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

 private:
  std::string path_;
};

// Whether it was taken.
template <class T>
bool taken(const ConfigResult<T>& result, const std::string& path, std::string_view text) {
  if (!result) {
    require(result.error().file == path, "an error names its file");
    require(!result.error().sentence.empty(), "an error is a sentence");
    require(!to_text(result.error()).empty(), "an error can be shown");
    return false;
  }
  require(!text.contains('\0'), "nothing follows a document");
  return true;
}

void check_radio(const RadioConfig& radio) {
  require(radio.poll >= std::chrono::seconds(1) && radio.poll <= std::chrono::hours(1),
          "the poll is bounded");
  require(radio.port.empty() || radio.port.starts_with('/') || radio.port.starts_with("usb:"),
          "a port is a path or named by what it is");
  for (const auto& bands : radio.settings.bands) {
    const std::set<int> each(bands.bands.begin(), bands.bands.end());
    require(!each.empty() && each.size() == bands.bands.size(), "each band stands once");
    require(*each.begin() >= 1 && *each.rbegin() <= hal::highest_band, "bands are bands");
  }
}

void configuration(const std::string& path, std::string_view text) {
  const auto config = load_config(path);
  if (!taken(config, path, text)) return;
  check_radio(config->radio);
  require(config->keepalive >= core::least_keepalive && config->keepalive <= core::most_keepalive,
          "the keepalive is bounded");
  for (const auto& place :
       {config->instances_file, config->catalogue_folder, config->state_folder, config->run_folder,
        config->control_socket, config->board.path, config->transfer.helper})
    require(place.starts_with('/'), "every path is a whole one");
  for (const auto& file : config->catalogue_files) require(file.starts_with('/'), "files too");
  require(config->identity.certificate.empty() == config->identity.key.empty(),
          "a certificate has its key");
  require(!config->user.empty(), "somebody is to run it");
}

void check_server(const MqttEndpoint& server) {
  require(server.port != 0, "ports are ports");
  require(!server.host.empty() && server.host.size() <= 253, "hosts are bounded");
  require(server.addresses.size() <= max_instance_addresses, "addresses are bounded");
}

void check_instance(const InstanceConfig& one) {
  require(!one.instance.id.empty() && one.instance.id.size() <= 16, "ids are short");
  if (one.mqtt) check_server(*one.mqtt);
  for (const auto& server : one.files) check_server(server);
  for (const auto* keys : {&one.roots_json, &one.packages_json})
    require(nlohmann::json::parse(*keys, nullptr, false).is_array(), "keys are a list");
}

void instances(const std::string& path, std::string_view text) {
  const auto list = load_instances(path);
  if (!taken(list, path, text)) return;
  require(!list->empty() && list->size() <= max_instances, "instances are counted");
  std::set<std::string> ids;
  for (const auto& one : *list) {
    check_instance(one);
    require(ids.insert(one.instance.id).second, "an instance stands once");
  }
  const Directory directory(*list);
  for (const auto& one : *list)
    require(directory.why_unusable(one.instance.id).has_value() ||
                (!one.sample_roots && one.mqtt && !one.tls_anchors.empty()),
            "what is incomplete or a sample is not connected to");
}

void catalogue(const std::string& path, std::string_view text) {
  Config config;
  config.catalogue_files = {path};
  config.catalogue_folder = path + ".d";
  const auto list = load_catalogue(config);
  if (!taken(list, path, text)) return;
  std::set<std::string> skus;
  for (const auto& entry : *list) {
    require(skus.insert(entry.sku.str()).second, "an SKU means one thing");
    require(core::SkuCode::parse(entry.sku.str()) == entry.sku, "an SKU reads as itself");
    require(!entry.model.empty() && entry.model.size() <= 16, "models are short");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr void (*documents[])(const std::string&, std::string_view) = {configuration, instances,
                                                                         catalogue};
  static const Folder folder;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto text = bytes.substr(1);
  documents[data[0] % std::size(documents)](folder.file(text), text);
  return 0;
}
