#include "agent/daemon/daemon_main.hpp"

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include <asio/io_context.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/cli/command_line.hpp"
#include "agent/daemon/confined_start.hpp"
#include "agent/daemon/crash_pause.hpp"
#include "agent/daemon/daemon.hpp"
#include "agent/daemon/monitor_client.hpp"
#include "agent/daemon/system.hpp"
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

// The configuration says which programs root runs; who may write it is root.
std::expected<void, std::string> trusted(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) == 0 &&
      (info.st_uid != 0 || (info.st_mode & (S_IWGRP | S_IWOTH)) != 0))
    return std::unexpected(path + " may be written by others than root, and says what root runs");
  return {};
}

// What a daemon with a monitor has, and one that runs as whoever started it has not.
struct Rights {
  std::unique_ptr<MonitorClient> monitor;
  std::optional<ExitRecord> last_exit;
  std::string calls = "off, the daemon was not started as root";
};

hal::AtRadioOptions radio_options(const RadioConfig& config, MonitorClient* monitor) {
  hal::AtRadioOptions options{.path = config.port, .settings = config.settings};
  options.timing.poll_registered = config.poll;
  if (monitor != nullptr)
    options.denied = [monitor](const std::string& port) { monitor->give_port(port); };
  return options;
}

hal::HelperBoardOptions board_options(const BoardHelperConfig& config, hal::Spawner* spawner) {
  return {.path = config.path, .environment = added_environment(config), .spawner = spawner};
}

void log_rights(const Log& log, const Rights& rights) {
  const auto user = std::to_string(::geteuid());
  if (rights.monitor)
    log.notice("confined", {{"uid", user}, {"system_calls", rights.calls}});
  else
    log.warning("unconfined", {{"uid", user}, {"system_calls", rights.calls}});
}

int serve(Setup setup, asio::io_context& loop, Rights& rights) {
  const auto& config = setup.config;
  Log log(config.log_level, config.log_target == LogTarget::syslog ? syslog_sink() : stderr_sink());
  log_rights(log, rights);
  auto* monitor = rights.monitor.get();
  if (rights.last_exit)
    pause_after_crash(loop, config.control_socket, *rights.last_exit,
                      pause_after(*rights.last_exit, boot_id(), version), log,
                      [monitor] { monitor->alive(); });
  setup.spawner = monitor;
  setup.last_exit = rights.last_exit;
  if (monitor != nullptr) setup.alive = [monitor] { monitor->alive(); };
  hal::AtRadio radio(loop.get_executor(), radio_options(config.radio, monitor));
  hal::HelperBoard board(loop.get_executor(), board_options(config.board, monitor));
  Daemon daemon(loop, setup, log, radio, board);
  if (auto started = daemon.start(); !started) return fail(started.error());
  if (monitor != nullptr) monitor->ready();
  loop.run();
  return 0;
}

// Of a daemon that was root a moment ago.
std::expected<void, std::string> confine(const Config& config, MonitorLink link,
                                         asio::io_context& loop, Rights& rights) {
  if (auto done = give_up_root(config, version, link); !done) return done;
  rights.last_exit = load_exit_record(config.state_folder);
  rights.monitor = std::make_unique<MonitorClient>(loop.get_executor(), std::move(link.socket));
  auto bound = bind_to_calls();
  if (!bound) return std::unexpected(bound.error());
  rights.calls = *std::move(bound);
  return {};
}

int run(const std::string& config_path, std::optional<MonitorLink> link) {
  if (link)
    if (const auto trust = trusted(config_path); !trust) return fail(trust.error());
  auto setup = load_setup(config_path);
  if (!setup) return fail(to_text(setup.error()));
  asio::io_context loop(1);
  Rights rights;
  if (link)
    if (auto done = confine(setup->config, *std::move(link), loop, rights); !done)
      return fail(done.error());
  if (const auto error = make_folders(setup->config))
    return fail("cannot make the folders for state and socket: " + error.message());
  return serve(*std::move(setup), loop, rights);
}

}  // namespace

int daemon_main(int argc, char** argv) {
  // Before anything is read.
  std::optional<MonitorLink> link;
  if (::geteuid() == 0) {
    auto parted = split();
    if (!parted) return fail(parted.error());
    link = *std::move(parted);
  }
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
  return run(config_path, std::move(link));
}

}  // namespace oobm::daemon
