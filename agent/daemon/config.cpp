#include "agent/daemon/config.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "agent/daemon/config_reader.hpp"
#include "hal/modem/port_name.hpp"

namespace oobm::daemon {
namespace {

constexpr std::size_t max_catalogue_files = 16;
constexpr std::size_t max_environment = 32;  // variables
constexpr std::array<std::string_view, 5> levels{"error", "warning", "notice", "info", "debug"};
constexpr std::array<std::string_view, 2> tls_versions{"1.2", "1.3"};
constexpr std::array<std::string_view, 2> targets{"stderr", "syslog"};
constexpr std::size_t max_user_chars = 32;
constexpr std::size_t max_bands = 64;  // of one technology
constexpr std::array<const char*, 3> technology_names{"lte_m", "nb_iot", "gsm"};
constexpr std::array technology_values{hal::Technology::lte_m, hal::Technology::nb_iot,
                                       hal::Technology::gsm};

void read_seconds(ConfigReader& in, const char* key, std::chrono::seconds& value,
                  std::chrono::seconds least, std::chrono::seconds most) {
  std::int64_t count = value.count();
  in.number(key, count, least.count(), most.count());
  value = std::chrono::seconds(count);
}

bool is_variable_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto allowed = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  return !name.empty() && letter(name.front()) && std::ranges::all_of(name, allowed);
}

void read_environment(ConfigReader& in, std::map<std::string, std::string>& environment) {
  const auto* node = in.raw("env");
  if (node == nullptr) return;
  if (!node->is_object() || node->size() > max_environment)
    return in.fail("env", "must be an object of at most " + std::to_string(max_environment) +
                              " variables, { \"NAME\": \"value\" }");
  for (const auto& [name, value] : node->items()) {
    const auto* text = value.get_ptr<const std::string*>();
    if (!is_variable_name(name) || text == nullptr)
      return in.fail("env", "\"" + name + "\" must be a name of A-Z, 0-9 and _ with a text");
    environment[name] = *text;
  }
}

// A path, or what the port is: such a name is no path and stays as it is.
void read_port(ConfigReader& in, std::string& port) {
  constexpr std::size_t max_port_bytes = 1024;
  in.text("port", port, max_port_bytes);
  if (!port.starts_with(hal::usb_port_prefix)) {
    if (!port.empty()) port = resolve(in.file(), port);
  } else if (!hal::parse_usb_port(port)) {
    in.fail("port", "\"" + port + "\" must have the form usb:VVVV:PPPP:I, vendor and product in " +
                        "hexadecimal, the interface from 0 to 255; or be a path");
  }
}

std::optional<hal::Technology> technology_from(std::string_view name) {
  const auto* found =
      std::ranges::find_if(technology_names, [&](const char* known) { return name == known; });
  if (found == technology_names.end()) return std::nullopt;
  return technology_values[static_cast<std::size_t>(found - technology_names.begin())];
}

void read_technologies(ConfigReader& in, std::vector<hal::Technology>& technologies) {
  std::vector<std::string> names;
  in.texts("technologies", names, technology_names.size());
  for (const auto& name : names) {
    const auto technology = technology_from(name);
    if (!technology || std::ranges::contains(technologies, *technology))
      return in.fail("technologies",
                     "\"" + name + "\" is none of lte_m, nb_iot, gsm, or stands twice");
    technologies.push_back(*technology);
  }
}

void read_bands(ConfigReader& in, std::vector<hal::AllowedBands>& all) {
  for (std::size_t i = 0; i < technology_names.size(); ++i) {
    std::vector<int> bands;
    in.numbers(technology_names[i], bands, 1, hal::highest_band, max_bands);
    if (!bands.empty()) all.push_back({technology_values[i], std::move(bands)});
  }
}

void read_radio(ConfigReader& in, RadioConfig& radio) {
  read_port(in, radio.port);
  read_technologies(in, radio.settings.technologies);
  in.object("bands", [&](ConfigReader& bands) { read_bands(bands, radio.settings.bands); });
  read_seconds(in, "poll_s", radio.poll, std::chrono::seconds(1), std::chrono::hours(1));
}

void read_identity(ConfigReader& in, IdentityConfig& identity) {
  in.path("certificate", identity.certificate);
  in.path("key", identity.key);
  in.path("password_file", identity.password_file);
  if (identity.certificate.empty() != identity.key.empty())
    in.fail(identity.key.empty() ? "key" : "certificate", "is missing: both or neither are given");
}

void read_uplinks(ConfigReader& in, core::UplinkPolicy& uplinks) {
  in.boolean("main_wan_registration", uplinks.main_wan_for_registration);
  in.boolean("main_wan_service", uplinks.main_wan_for_service);
}

void read_tls(ConfigReader& in, Config& config) {
  if (const auto version = in.choice("metered_version", tls_versions))
    config.metered_tls12 = tls_versions[*version] == tls_versions.front();
}

void read_transfer(ConfigReader& in, TransferConfig& transfer) {
  constexpr std::int64_t least = 1'000;
  constexpr std::int64_t most = 100'000'000;
  in.path("helper", transfer.helper);
  auto rate = static_cast<std::int64_t>(transfer.bytes_per_s);
  in.number("bytes_per_s", rate, least, most);
  transfer.bytes_per_s = static_cast<std::uint64_t>(rate);
}

void read_log(ConfigReader& in, Config& config) {
  if (const auto level = in.choice("level", levels))
    config.log_level = static_cast<LogLevel>(*level);
  if (const auto target = in.choice("target", targets))
    config.log_target = static_cast<LogTarget>(*target);
}

void read_places(ConfigReader& in, Config& config) {
  in.path("instances", config.instances_file);
  in.texts("catalogue", config.catalogue_files, max_catalogue_files);
  for (auto& file : config.catalogue_files) file = resolve(in.file(), file);
  config.catalogue_folder = resolve(in.file(), "catalogue.d");
  in.path("catalogue_dir", config.catalogue_folder);
  in.path("state_dir", config.state_folder);
  in.path("run_dir", config.run_folder);
  config.control_socket = config.run_folder + "/control.sock";
  in.path("control_socket", config.control_socket);
}

void read_config(ConfigReader& in, Config& config) {
  std::string instance;
  in.text("instance", instance, 32);
  if (!instance.empty()) config.instance = instance;
  in.text("user", config.user, max_user_chars);
  read_places(in, config);
  in.object("board_helper", [&](ConfigReader& board) {
    board.path("path", config.board.path);
    read_environment(board, config.board.environment);
  });
  in.object("radio", [&](ConfigReader& radio) { read_radio(radio, config.radio); });
  in.object("identity", [&](ConfigReader& identity) { read_identity(identity, config.identity); });
  in.object("uplinks", [&](ConfigReader& uplinks) { read_uplinks(uplinks, config.uplinks); });
  in.object("mqtt", [&](ConfigReader& mqtt) {
    read_seconds(mqtt, "keepalive_s", config.keepalive, core::least_keepalive,
                 core::most_keepalive);
    mqtt.boolean("keepalive_adapts", config.keepalive_adapts);
  });
  in.object("tls", [&](ConfigReader& tls) { read_tls(tls, config); });
  in.object("transfer", [&](ConfigReader& transfer) { read_transfer(transfer, config.transfer); });
  in.object("log", [&](ConfigReader& log) { read_log(log, config); });
  in.finish();
}

}  // namespace

std::string to_text(const ConfigError& error) {
  std::string text = error.file + ": ";
  if (!error.key.empty()) text.append(error.key).append(": ");
  return text.append(error.sentence);
}

ConfigResult<Config> load_config(const std::string& path) {
  const auto document = read_json_file(path);
  if (!document) return std::unexpected(document.error());
  ConfigReader::Context context{path, std::nullopt};
  ConfigReader reader(*document, "", context);
  Config config;
  read_config(reader, config);
  if (context.error) return std::unexpected(*std::move(context.error));
  return config;
}

}  // namespace oobm::daemon
