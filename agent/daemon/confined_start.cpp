#include "agent/daemon/confined_start.hpp"

#include <array>
#include <filesystem>
#include <utility>

#include <sys/stat.h>
#include <sys/utsname.h>

#include "agent/confinement/call_filter.hpp"
#include "agent/confinement/privileges.hpp"
#include "agent/confinement/sanitized.hpp"
#include "agent/daemon/account.hpp"
#include "agent/daemon/daemon_calls.hpp"
#include "agent/daemon/hand_over.hpp"
#include "agent/daemon/monitor_client.hpp"
#include "agent/daemon/monitor_protocol.hpp"
#include "hal/board/helper_board.hpp"
#include "hal/modem/port_name.hpp"

namespace oobm::daemon {
namespace {

constexpr ::mode_t private_mode = 0700;
constexpr ::mode_t open_mode = 0755;
// What the agent puts into its run folder, which is open to others.
constexpr std::array<std::string_view, 2> run_folder_names{"control.sock", "tickets"};

bool binds_unprivileged() {
  utsname system{};
  return ::uname(&system) == 0 &&
         confinement::binds_sockets_unprivileged(static_cast<const char*>(system.release));
}

std::expected<void, std::string> prepare(const Config& config, Owner to) {
  namespace fs = std::filesystem;
  std::error_code error;
  for (const auto& folder : {config.state_folder, config.run_folder})
    fs::create_directories(fs::path(folder).parent_path(), error);
  if (auto done = hand_over_folder(config.state_folder, private_mode, to); !done) return done;
  if (auto done = hand_over_folder(config.run_folder, open_mode, to, run_folder_names); !done)
    return done;
  hand_over_file(config.identity.key, to);
  hand_over_file(config.identity.password_file, to);
  if (const auto port = hal::find_port(config.radio.port)) hand_over_device(*port, to.user);
  return {};
}

MonitorRequest plan(const Config& config, const std::string& version, Owner to) {
  auto environment = hal::basic_helper_environment();
  for (auto& variable : added_environment(config.board)) environment.push_back(std::move(variable));
  return to_request(MonitorPlan{.board_helper = config.board.path,
                                .transfer_helper = config.transfer.helper,
                                .port = config.radio.port,
                                .state_folder = config.state_folder,
                                .run_folder = config.run_folder,
                                .instances_file = config.instances_file,
                                .instance = config.instance.value_or(""),
                                .version = version,
                                .user = to.user,
                                .group = to.group,
                                .environment = std::move(environment)});
}

}  // namespace

std::vector<std::string> added_environment(const BoardHelperConfig& config) {
  std::vector<std::string> all;
  for (const auto& [name, value] : config.environment) all.push_back(name + "=" + value);
  return all;
}

std::expected<void, std::string> give_up_root(const Config& config, const std::string& version,
                                              const MonitorLink& link) {
  const auto ids = find_account(config.user);
  if (!ids) return std::unexpected(ids.error());
  const Owner to{.user = ids->user, .group = ids->group};
  if (auto done = prepare(config, to); !done) return done;
  if (!ask_monitor(link.socket.get(), plan(config, version, to)))
    return std::unexpected("the monitor takes no plan");
  ::umask(S_IRWXG | S_IRWXO);
  if (auto done = confinement::become(*ids, !binds_unprivileged()); !done) return done;
  if (!confinement::limit_use(memory_ceiling))
    return std::unexpected("memory and descriptors cannot be bounded");
  if (!confinement::end_with_parent(link.monitor)) return std::unexpected("the monitor has gone");
  return {};
}

std::expected<std::string, std::string> bind_to_calls() {
  using confinement::FilterOutcome;
  if (confinement::sanitized) return "off in this build, which a sanitizer watches";
  switch (confinement::load_filter(daemon_calls(), confinement::Otherwise::kills)) {
    case FilterOutcome::loaded:
      return "on";
    case FilterOutcome::no_filters:
      return "off, this kernel has none";
    case FilterOutcome::refused:
      break;
  }
  return std::unexpected("the kernel refuses the list of system calls");
}

}  // namespace oobm::daemon
