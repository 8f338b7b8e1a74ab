#include "hal/modem/at_radio.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/write.hpp>

#include "hal/modem/boot_clock.hpp"
#include "hal/modem/serial_port.hpp"

namespace oobm::hal {
namespace {

constexpr std::size_t read_bytes = 1024;
constexpr std::size_t max_unsent_bytes =
    4096;  // more than any dialogue needs; then the port is dead

}  // namespace

class AtRadio::Impl : public std::enable_shared_from_this<Impl> {
 private:
  // Runs only while this start() lasts.
  template <class Action>
  auto guarded(Action action) {
    return [self = shared_from_this(), generation = generation_, action](auto&&... args) {
      if (self->generation_ == generation) action(std::forward<decltype(args)>(args)...);
    };
  }

  // As guarded, and only while the port has not been closed meanwhile.
  template <class Action>
  auto on_port(Action action) {
    return guarded([this, opening = opening_, action](std::error_code error, std::size_t size) {
      if (opening == opening_) action(error, size);
    });
  }

 public:
  Impl(asio::any_io_executor executor, AtRadioOptions options)
      : options_(std::move(options)),
        service_(options_.timing, options_.settings),
        port_(executor),
        timer_(executor),
        executor_(std::move(executor)) {}

  void start(ChangeHandler on_change) {
    on_change_ = std::move(on_change);
    if (std::exchange(running_, true)) return;
    reopen_pause_ = options_.reopen_first;
    asio::post(executor_, guarded([this] { open(); }));
  }

  void stop() {
    running_ = false;
    ++generation_;
    on_change_ = nullptr;
    close_port();
    timer_.cancel();
    service_.stop();
  }

  template <class Action>
  void run(Action action) {
    action(service_, boot_now());
    if (running_)
      settle();
    else
      deliver_ended();
  }

  [[nodiscard]] const RadioFacts& facts() const { return service_.facts(); }

 private:
  void open() {
    reopen_at_.reset();
    // Looked up each time: a module that restarts may come back under another number.
    const auto path = find_port(options_.path, options_.folders);
    if (!path) return lost(path.error());
    auto fd = open_serial_port(*path, options_.baud, options_.hardware_flow_control);
    if (!fd && !fd.error().denied.empty() && options_.denied) options_.denied(fd.error().denied);
    if (!fd) return lost(fd.error());
    ++opening_;
    port_.assign(*fd);
    service_.opened(boot_now(), *path);
    read();
    settle();
  }

  void read() {
    port_.async_read_some(asio::buffer(input_),
                          on_port([this](std::error_code error, std::size_t size) {
                            if (error) return gone();
                            service_.feed({input_.data(), size}, boot_now());
                            settle();
                            if (port_.is_open()) read();
                          }));
  }

  void write() {
    if (!writing_.empty() || unsent_.empty()) return;
    writing_ = std::exchange(unsent_, {});
    asio::async_write(port_, asio::buffer(writing_),
                      on_port([this](std::error_code error, std::size_t) {
                        writing_.clear();
                        if (error) return gone();
                        write();
                      }));
  }

  void gone() {
    lost({PortState::absent,
          "serial port " + options_.path + " has gone; the module may be restarting or unplugged"});
  }

  void lost(const PortProblem& why) {
    close_port();
    const auto now = boot_now();
    service_.closed(why.state, why.text, now);
    reopen_at_ = now + reopen_pause_;
    reopen_pause_ = std::min(reopen_pause_ * 2, options_.reopen_longest);
    settle();
  }

  void close_port() {
    ++opening_;
    writing_.clear();
    unsent_.clear();
    std::error_code ignored;
    port_.close(ignored);
  }

  // Carries out what the service wants after any input.
  void settle() {
    unsent_ += service_.take_writes();
    if (service_.facts().port == PortState::ok) reopen_pause_ = options_.reopen_first;
    const bool reopen = service_.take_reopen() || unsent_.size() > max_unsent_bytes;
    if (reopen && port_.is_open())
      return lost(
          {PortState::absent, "serial port " + options_.path +
                                  " is being opened anew, since the module did not answer"});
    write();
    arm();
    deliver_ended();
    deliver_change();
  }

  void arm() {
    auto when = service_.deadline();
    if (reopen_at_) when = when ? std::min(*when, *reopen_at_) : *reopen_at_;
    if (!when) {
      timer_.cancel();
      return;
    }
    timer_.expires_after(std::max(*when - boot_now(), core::Duration(0)));
    timer_.async_wait(guarded([this](std::error_code error) {
      if (!error) on_timer();
    }));
  }

  void on_timer() {
    const auto now = boot_now();
    if (reopen_at_ && *reopen_at_ <= now) return open();
    service_.tick(now);
    settle();
  }

  void deliver_ended() {
    for (auto& ended : service_.take_ended()) {
      auto call = [self = shared_from_this(), generation = generation_,
                   ended = std::move(ended)]() mutable {
        if (self->generation_ == generation) ended();
      };
      asio::post(executor_, std::move(call));
    }
  }

  void deliver_change() {
    if (!service_.take_changed()) return;
    asio::post(executor_, guarded([this] {
                 if (const auto handler = on_change_) handler(service_.facts());
               }));
  }

  AtRadioOptions options_;
  ModemService service_;
  asio::posix::stream_descriptor port_;
  asio::steady_timer timer_;
  asio::any_io_executor executor_;
  ChangeHandler on_change_;
  bool running_ = false;
  std::uint64_t generation_ = 0;
  std::uint64_t opening_ = 0;
  core::Duration reopen_pause_{0};
  std::optional<core::BootTime> reopen_at_;
  std::array<char, read_bytes> input_{};
  std::string unsent_;
  std::string writing_;
};

AtRadio::AtRadio(asio::any_io_executor executor, AtRadioOptions options)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(options))) {}

AtRadio::~AtRadio() { impl_->stop(); }

void AtRadio::start(ChangeHandler on_change) { impl_->start(std::move(on_change)); }
void AtRadio::stop() { impl_->stop(); }
const RadioFacts& AtRadio::facts() const { return impl_->facts(); }

void AtRadio::set_power(bool on, DoneHandler done) {
  impl_->run([&](ModemService& service, core::BootTime now) {
    service.set_power(on, std::move(done), now);
  });
}

void AtRadio::reset(DoneHandler done) {
  impl_->run(
      [&](ModemService& service, core::BootTime now) { service.reset(std::move(done), now); });
}

void AtRadio::reattach(DoneHandler done) {
  impl_->run(
      [&](ModemService& service, core::BootTime now) { service.reattach(std::move(done), now); });
}

void AtRadio::command(RawCommand command, RawHandler done) {
  impl_->run([&](ModemService& service, core::BootTime now) {
    service.command(command, std::move(done), now);
  });
}

void AtRadio::refresh() {
  impl_->run([](ModemService& service, core::BootTime now) { service.refresh(now); });
}

}  // namespace oobm::hal
