#include "hal/fake/fake_board.hpp"

#include <utility>

#include <asio/post.hpp>

namespace oobm::hal {

FakeBoard::FakeBoard(asio::any_io_executor executor)
    : executor_(std::move(executor)), life_(std::make_shared<int>()) {}

FakeBoard::~FakeBoard() = default;

// Carries the verb out when its handler runs, as a slow board would.
template <class T, class Action>
void FakeBoard::answer(std::string verb, Handler<T> done, Action action) {
  calls.push_back(std::move(verb));
  asio::post(executor_, [life = std::weak_ptr<int>(life_), done = std::move(done), action,
                         error = std::exchange(fail_next, std::nullopt)]() mutable {
    if (life.expired()) return;
    if (error) return done(std::unexpected(*std::move(error)));
    if constexpr (std::is_void_v<T>) {
      action();
      done({});
    } else {
      done(action());
    }
  });
}

BearerStatus FakeBoard::bearer() const {
  if (bearer_is_up) return bearer_when_up;
  BearerStatus down;
  down.interface = bearer_when_up.interface;
  return down;
}

void FakeBoard::identity(Handler<BoardIdentity> done) {
  answer<BoardIdentity>("identity", std::move(done), [this] { return identity_value; });
}

void FakeBoard::bearer_up(BearerRequest, Handler<BearerStatus> done) {
  answer<BearerStatus>("bearer-up", std::move(done), [this] {
    bearer_is_up = bearer_when_up.up = true;
    return bearer();
  });
}

void FakeBoard::bearer_down(Handler<void> done) {
  answer<void>("bearer-down", std::move(done), [this] { bearer_is_up = false; });
}

void FakeBoard::bearer_status(Handler<BearerStatus> done) {
  answer<BearerStatus>("bearer-status", std::move(done), [this] { return bearer(); });
}

void FakeBoard::wan_status(Handler<WanStatus> done) {
  answer<WanStatus>("wan-status", std::move(done), [this] { return wan; });
}

void FakeBoard::led(Led state, Handler<void> done) {
  answer<void>("led", std::move(done), [this, state] { led_state = state; });
}

void FakeBoard::reboot(Handler<void> done) {
  answer<void>("reboot", std::move(done), [this] { ++reboots; });
}

void FakeBoard::modem_power_cycle(Handler<void> done) {
  answer<void>("modem-power-cycle", std::move(done), [this] { ++modem_power_cycles; });
}

void FakeBoard::install(std::string file, std::string version, Handler<void> done) {
  answer<void>("install", std::move(done), [this, file, version] {
    installed_package = file;
    installed = {.state = InstallStatus::State::trial, .version = version, .reason = {}};
  });
}

void FakeBoard::install_status(Handler<InstallStatus> done) {
  answer<InstallStatus>("install-status", std::move(done), [this] { return installed; });
}

void FakeBoard::install_commit(std::string version, Handler<void> done) {
  answer<void>("install-commit", std::move(done), [this, version] {
    installed = {.state = InstallStatus::State::done, .version = version, .reason = {}};
  });
}

}  // namespace oobm::hal
