// A whole router in virtual time, as far as its OOBM radio goes: the simulated module, the service
// that watches it, a board whose verbs can fail, hang or never answer, a stand-in for the agent
// that dials and opens sessions, and the recovery that joins them. The agent restarts and the
// router reboots as told; what is stored survives. Days pass in milliseconds.
//
// The world counts what is really done to the radio, at the radio and the board themselves, on its
// own clock of true time.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "hal/modem/modem_service.hpp"
#include "hal/recovery/recovery.hpp"
#include "tests/modem-sim/sim_modem.hpp"

namespace oobm::hal {

// How the board answers.
enum class BoardMood : std::uint8_t { works, fails, hangs, silent, cannot };

class RecoveryWorld {
 public:
  explicit RecoveryWorld(std::uint64_t seed);
  ~RecoveryWorld();
  RecoveryWorld(const RecoveryWorld&) = delete;
  RecoveryWorld& operator=(const RecoveryWorld&) = delete;

  void pass(core::Duration time);
  // Lets time pass until the radio is registered and a session is open, at most for `limit`.
  bool until_online(core::Duration limit);

  // What may happen to a router.
  void restart_agent(bool memory_torn);
  void reboot_router(bool module_loses_power);
  void sleep_router(core::Duration time);

  [[nodiscard]] bool registered_now() const;
  [[nodiscard]] std::string state() const;

  core::BootTime time{};  // true time, from the beginning of the world
  modem_sim::SimModem sim;
  BoardMood board_mood = BoardMood::works;
  bool broker_refuses = false;
  bool wanted = true;
  bool bearer_kept = true;

  // What was done, by true time.
  std::array<std::vector<core::BootTime>, recovery_step_count> steps_taken;
  std::vector<core::BootTime> losses;  // of the stored memory
  std::vector<std::string> violations;
  std::size_t writes = 0;

 private:
  struct Life;
  struct WorldRadio;
  struct WorldBoard;

  void start_agent(bool torn);
  void step(core::BootTime end);
  void note(RecoveryStep step);
  void violation(const std::string& what);
  void check(const StepReport& report);
  void check_bytes(const std::string& bytes);
  void dial(bool up);
  [[nodiscard]] bool module_registered();
  [[nodiscard]] bool bearer_works();
  [[nodiscard]] core::BootTime boot_time() const { return core::BootTime{time - booted_at_}; }
  [[nodiscard]] core::BootTime true_time(core::BootTime at) const {
    return booted_at_ + at.since_boot;
  }

  std::mt19937_64 random_;
  core::BootTime booted_at_{};
  int boots_ = 0;
  std::optional<BudgetMemory> stored_;
  bool bearer_up_ = false;
  int bearer_of_ = 0;  // the module's life in which it was dialled
  std::optional<StepReport> running_;
  core::BootTime step_began_{};
  std::unique_ptr<Life> life_;
};

}  // namespace oobm::hal
