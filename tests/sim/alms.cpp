#include "tests/sim/alms.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace oobm::sim {
namespace {

constexpr std::int64_t sent_again_for_ms = 10LL * 86'400'000;

alms_sim::Millis millis(const Timeline& time) {
  return alms_sim::Millis(std::chrono::seconds(world_begin.seconds) + time.now().since_boot);
}

}  // namespace

Alms::Alms(std::string instance, const Timeline& time, Outlets outlets)
    : time_(time),
      outlets_(std::move(outlets)),
      platform_(alms_sim::fresh_world(), alms_sim::Keyring::generate(instance, millis(time)),
                {.instance = instance, .expiry_lag = std::chrono::seconds(60)}) {
  act("account-add", {{"id", "acme"}});
  act("account-add", {{"id", "old"}, {"class", "Standard"}});
  act("account-add", {{"id", "card"}, {"billing", "direct"}});
}

alms_sim::Millis Alms::now() const { return millis(time_); }

bool Alms::is_reading(const std::string& payload) {
  return !payload.contains("oobm.announce_nonce") && !payload.contains("oobm.lifecycle_state") &&
         !payload.contains("oobm.activation_result");
}

void Alms::hear(const std::string& topic, const std::string& payload) {
  if (topic.ends_with("/acks/json"))
    for (const auto& ack : alms_sim::parse_acks(payload).value_or(std::vector<alms_sim::Ack>{}))
      outlets_.acknowledged(ack);
  // Readings change nothing that ALMS decides by; the model takes one in a hundred.
  else if (is_reading(payload) && ++readings_ % 100 != 0)
    return;
  reception_.on_message(topic, payload, now());
  flush();
}

Json Alms::act(const std::string& verb, const Json& arguments) {
  const auto reply = desk_.perform(verb, arguments, now());
  flush();
  return reply ? *reply : Json{{"error", reply.error().code}};
}

void Alms::inform(const std::string& serial) {
  reception_.inform(serial, now());
  flush();
}

void Alms::tick() {
  desk_.tick(now());
  flush();
}

void Alms::send_again(const std::string& serial) {
  const auto now_ms = alms_sim::millis_count(now());
  for (const auto& task : platform_.world().tasks) {
    const bool open = task.serial == serial && task.acks_count == 0;
    if (open && now_ms - task.created_ms < sent_again_for_ms)
      outlets_.publish(
          {task.uid, alms_sim::tasks_topic(serial), Json::array({task.wire}).dump(), false});
  }
}

void Alms::rotate_keys() { platform_.keys().rotate(now()); }

const alms_sim::System* Alms::system(const std::string& serial) const {
  const auto& systems = platform_.world().systems;
  const auto found = systems.find(serial);
  return found == systems.end() ? nullptr : &found->second;
}

void Alms::flush() {
  auto outputs = platform_.take_outputs();
  for (auto& publication : outputs.publications) outlets_.publish(std::move(publication));
  for (const auto& order : outputs.sims) outlets_.order_sim(order);
}

}  // namespace oobm::sim
