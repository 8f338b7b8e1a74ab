#include "hal/fake/fake_radio.hpp"

#include <utility>

#include <asio/post.hpp>

namespace oobm::hal {

FakeRadio::FakeRadio(asio::any_io_executor executor)
    : executor_(std::move(executor)), life_(std::make_shared<int>()) {}

FakeRadio::~FakeRadio() = default;

template <class Action>
void FakeRadio::later(Action action) {
  asio::post(executor_, [life = std::weak_ptr<int>(life_), action = std::move(action)]() mutable {
    if (!life.expired()) action();
  });
}

void FakeRadio::start(ChangeHandler on_change) {
  on_change_ = std::move(on_change);
  change([](RadioFacts& facts) { facts.port = PortState::ok; });
}

void FakeRadio::stop() {
  life_ = std::make_shared<int>();
  on_change_ = nullptr;
  facts_.port = PortState::closed;
}

void FakeRadio::change(const std::function<void(RadioFacts&)>& edit) {
  const auto before = facts_;
  edit(facts_);
  if (facts_ == before || !on_change_) return;
  later([this] {
    if (const auto handler = on_change_) handler(facts_);
  });
}

void FakeRadio::set_power(bool on, DoneHandler done) {
  power_wish = on;
  if (!fail_next)
    change([on](RadioFacts& facts) { facts.power = on ? RadioPower::on : RadioPower::airplane; });
  answer(std::move(done));
}

void FakeRadio::reset(DoneHandler done) {
  ++resets;
  if (!fail_next) {
    change([](RadioFacts& facts) {
      ++facts.resets;
      facts.last_reset_reason = "requested";
      facts.registration.reset();
    });
  }
  answer(std::move(done));
}

void FakeRadio::reattach(DoneHandler done) {
  ++reattachments;
  answer(std::move(done));
}

void FakeRadio::command(RawCommand command, RawHandler done) {
  raw_commands.push_back(std::move(command));
  std::expected<RawAnswer, Error> result = raw_answer;
  if (auto error = std::exchange(fail_next, std::nullopt))
    result = std::unexpected(*std::move(error));
  later([done = std::move(done), result = std::move(result)]() mutable {
    if (done) done(std::move(result));
  });
}

void FakeRadio::answer(DoneHandler done) {
  later([done = std::move(done), error = std::exchange(fail_next, std::nullopt)]() mutable {
    if (!done) return;
    if (error)
      done(std::unexpected(*std::move(error)));
    else
      done({});
  });
}

}  // namespace oobm::hal
