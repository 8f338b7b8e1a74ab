// A Board that is an executable: what a given firmware offers is its author's to know, so each verb
// is one run of a program with a small line protocol (docs/board.md). The agent believes the
// program's exit status and its well-formed output, and nothing else; a program that hangs, babbles
// or dies costs one verb.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <asio/any_io_executor.hpp>

#include "agent/core/time.hpp"
#include "hal/board/spawner.hpp"
#include <oobm/hal/board.hpp>

namespace oobm::hal {

// Time limits of the verbs.
struct HelperLimits {
  core::Duration identity{10'000};
  core::Duration bearer_up{60'000};
  core::Duration bearer_down{30'000};
  core::Duration bearer_status{10'000};
  core::Duration wan_status{10'000};
  core::Duration led{5'000};
  core::Duration reboot{10'000};
  core::Duration modem_power_cycle{60'000};
  core::Duration install{30'000};
  core::Duration install_status{10'000};
  core::Duration install_commit{10'000};
};

struct HelperBoardOptions {
  std::string path;  // absolute
  // NAME=value, added to basic_helper_environment(); nothing else is inherited.
  std::vector<std::string> environment;
  HelperLimits limits{};
  Spawner* spawner = nullptr;  // outlives the board; null: the program is started directly
};

// By this name a monitor knows the board helper.
inline constexpr const char* board_helper_role = "board";
// What the helper's environment always has, besides what a board is told.
std::vector<std::string> basic_helper_environment();

class HelperBoard final : public Board {
 public:
  static constexpr std::size_t max_waiting = 16;  // verbs, besides the running one

  // `executor` runs everything; it must be a single thread's.
  HelperBoard(asio::any_io_executor executor, HelperBoardOptions options);
  ~HelperBoard() override;  // kills a running helper

  void identity(Handler<BoardIdentity> done) override;
  void bearer_up(BearerRequest request, Handler<BearerStatus> done) override;
  void bearer_down(Handler<void> done) override;
  void bearer_status(Handler<BearerStatus> done) override;
  void wan_status(Handler<WanStatus> done) override;
  void led(Led state, Handler<void> done) override;
  void reboot(Handler<void> done) override;
  void modem_power_cycle(Handler<void> done) override;
  void install(std::string file, std::string version, Handler<void> done) override;
  void install_status(Handler<InstallStatus> done) override;
  void install_commit(std::string version, Handler<void> done) override;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace oobm::hal
