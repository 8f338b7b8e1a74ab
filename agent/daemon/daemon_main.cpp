#include "agent/daemon/daemon_main.hpp"

#include <csignal>
#include <cstdio>
#include <filesystem>

#include <asio/io_context.hpp>

#include "agent/cli/command_line.hpp"
#include "agent/daemon/daemon.hpp"
#include "hal/board/helper_board.hpp"
#include "hal/modem/at_radio.hpp"

namespace oobm::daemon {
namespace {

constexpr const char* version = OOBM_VERSION;

int fail(const std::string& sentence) {
  std::fprintf(stderr, "oobmd: %s\n", sentence.c_str());
  return 1;
}

ConfigResult<Setup> load_setup(const std::string& path) {
  auto config = load_config(path);
  if (!config) return std::unexpected(config.error());
  auto instances = load_instances(config->instances_file);
  if (!instances) return std::unexpected(instances.error());
  auto catalogue = load_catalogue(*config);
  if (!catalogue) return std::unexpected(catalogue.error());
  return Setup{.config = *std::move(config),
               .instances = *std::move(instances),
               .catalogue = *std::move(catalogue),
               .version = version};
}

// State is for the daemon's eyes alone: a folder that is made here is, and one that others may
// write to is refused rather than changed, since a slip in the configuration may name any folder.
std::error_code make_folders(const Config& config) {
  namespace fs = std::filesystem;
  constexpr auto others_write = fs::perms::group_write | fs::perms::others_write;
  std::error_code error;
  if (fs::create_directories(config.state_folder, error))
    fs::permissions(config.state_folder, fs::perms::owner_all, error);
  else if (!error &&
           (fs::status(config.state_folder, error).permissions() & others_write) != fs::perms::none)
    error = std::make_error_code(std::errc::operation_not_permitted);
  if (error) return error;
  fs::create_directories(config.run_folder, error);
  if (error) return error;
  fs::create_directories(fs::path(config.control_socket).parent_path(), error);
  return error;
}

hal::AtRadioOptions radio_options(const RadioConfig& config) {
  hal::AtRadioOptions options{.path = config.port, .settings = config.settings};
  options.timing.poll_registered = config.poll;
  return options;
}

hal::HelperBoardOptions board_options(const BoardHelperConfig& config) {
  hal::HelperBoardOptions options{.path = config.path};
  for (const auto& [name, value] : config.environment)
    options.environment.push_back(name + "=" + value);
  return options;
}

int run(const Setup& setup) {
  const auto& config = setup.config;
  Log log(config.log_level, config.log_target == LogTarget::syslog ? syslog_sink() : stderr_sink());
  asio::io_context loop(1);
  hal::AtRadio radio(loop.get_executor(), radio_options(config.radio));
  hal::HelperBoard board(loop.get_executor(), board_options(config.board));
  Daemon daemon(loop, setup, log, radio, board);
  if (auto started = daemon.start(); !started) return fail(started.error());
  loop.run();
  return 0;
}

}  // namespace

int daemon_main(int argc, char** argv) {
  cli::CommandLine line("oobmd", "Out-of-band management agent: the daemon.");
  std::string config_path = "/etc/oobm/oobm.json";
  line.add("--config,-c", &config_path, "Configuration file").show_default();
  line.set_version(version);
  if (const auto ending = line.parse(argc, argv)) {
    std::fputs(ending->text.c_str(), ending->wrong ? stderr : stdout);
    return ending->wrong ? 2 : 0;
  }
  // A peer that has gone is an error of that call, not the end of the daemon.
  std::signal(SIGPIPE, SIG_IGN);
  const auto setup = load_setup(config_path);
  if (!setup) return fail(to_text(setup.error()));
  if (const auto error = make_folders(setup->config))
    return fail("cannot make the folders for state and socket: " + error.message());
  return run(*setup);
}

}  // namespace oobm::daemon
