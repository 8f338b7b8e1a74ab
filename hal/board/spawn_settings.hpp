// How a child process of ours begins: no signal blocked, none ignored or handled, and no descriptor
// but those that are named here (all others are close-on-exec). For posix_spawn(), POSIX.1-2024.
#pragma once

#include <csignal>

#include <fcntl.h>
#include <spawn.h>

namespace oobm::hal {

class SpawnSettings {
 public:
  // `group`: POSIX_SPAWN_SETPGROUP for a process group of its own, POSIX_SPAWN_SETSID for a
  // session.
  explicit SpawnSettings(int group) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    posix_spawnattr_setpgroup(&attributes_, 0);
    const int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | group;
    posix_spawnattr_setflags(&attributes_, static_cast<short>(flags));
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  // The child's descriptor `to` is the file `path`, opened with `flags` of open().
  void open(int to, const char* path, int flags) {
    posix_spawn_file_actions_addopen(&actions_, to, path, flags, 0);
  }
  // The child's descriptor `to` is what `from` is.
  void duplicate(int from, int to) { posix_spawn_file_actions_adddup2(&actions_, from, to); }

  [[nodiscard]] const posix_spawn_file_actions_t* actions() const { return &actions_; }
  [[nodiscard]] const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace oobm::hal
