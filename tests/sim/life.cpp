#include "tests/sim/life.hpp"

#include <algorithm>
#include <format>

#include "tests/sim/account.hpp"

namespace oobm::sim {
namespace {

using namespace std::chrono_literals;
using core::Lifecycle;
using std::chrono::days;

constexpr core::Duration shortest_storm = days(1);
constexpr core::Duration longest_storm = days(90);
constexpr core::Duration look = 1min;
// What is on its way when all is settled arrives within this, and is done within that.
constexpr core::Duration arrival = 5min;
constexpr int most_changes_in_a_calm = 5;
constexpr core::Duration longest_task = 30min;

// The promise for each state that a calm may find, and room for the connection itself. A state that
// is always connected tries at least hourly; but steps of the radio's recovery are rationed by the
// day, and one that the storm has used up is missing for as long.
core::Duration promised(Lifecycle state) {
  switch (state) {
    case Lifecycle::unregistered:
    case Lifecycle::inventory:
      return 6h + 30min;
    case Lifecycle::retired:
      return core::Duration(days(7)) * 6 / 5 + 2h;
    default:
      return 26h;
  }
}

}  // namespace

bool Life::live(core::Duration length) {
  const auto end = world_.time.now() + length;
  while (!world_.breached() && world_.time.now() < end) {
    storm();
    if (!world_.breached()) calm();
  }
  return !world_.breached();
}

void Life::storm() { world_.pass(world_.chance.spread(shortest_storm, longest_storm)); }

bool Life::settled() {
  auto* router = world_.router();
  if (router == nullptr) return false;
  const auto status = router->status();
  const bool serves = status.lifecycle == Lifecycle::active || status.lifecycle == Lifecycle::grace;
  // It hears when its term ends and it probes over the main WAN, or when its card works again.
  if (!status.blocked && serves && !world_.reachable_in_service()) return true;
  if (!intent(world_).met_by(status)) return false;
  return status.blocked || router->state().outbox.empty();
}

// What waited for the router may first take it into another state, whose promise holds from then
// on; and what a task found after the session had ended waits for the next one. Neither does so for
// ever.
bool Life::settle(Lifecycle state) {
  auto end = world_.time.now() + promised(state);
  auto changes = most_changes_in_a_calm;
  auto words = world_.router()->state().next_outbox_id;
  while (!settled()) {
    if (world_.time.now() >= end || world_.breached()) return false;
    world_.pass(look);
    put_module_right();
    const auto* router = world_.router();
    if (router == nullptr || changes == 0) continue;
    const bool has_spoken = router->state().next_outbox_id != words;
    words = router->state().next_outbox_id;
    const bool has_more_to_say =
        has_spoken && !router->state().outbox.empty() && intent(world_).met_by(router->status());
    if (router->state().lifecycle == state && !has_more_to_say) continue;
    --changes;
    state = router->state().lifecycle;
    end = std::max(end, world_.time.now() + promised(state));
  }
  return true;
}

// A router that remembers another module than the one in it stays blocked until a person acts; the
// person takes its memory away, and ALMS is asked anew.
void Life::put_module_right() {
  if (world_.router() == nullptr ||
      world_.router()->status().verdict.reason != core::Reason::imei_mismatch)
    return;
  world_.story.tell("world", "a technician resets the router: it knew another module");
  world_.replace_flash({});
  world_.boot();
}

bool Life::works() {
  const auto* router = world_.router();
  return router != nullptr && std::ranges::any_of(router->state().ledger, [](const auto& record) {
           return record.status == core::TaskRecord::Status::started;
         });
}

// What was sent to the router has its answer.
void Life::check_results() {
  world_.pass(arrival);
  const auto end = world_.time.now() + longest_task;
  while (!world_.breached() && works() && world_.time.now() < end) world_.pass(look);
  world_.pass(look);
  const auto* router = world_.router();
  if (!world_.breached() && router != nullptr && router->state().outbox.empty())
    world_.oracle.check_results();
}

void Life::calm() {
  world_.keep_power();
  faults_.pause();
  operator_.pause();
  world_.clear_weather();
  put_module_right();
  world_.story.tell("world",
                    "calm: all is well from now on, ALMS intends " + intent(world_).text());
  const auto began = world_.time.now();
  const auto state = world_.router()->state().lifecycle;
  ++world_.figures.counts["calms"];
  if (!settle(state)) {
    const auto* router = world_.router();
    if (!world_.breached())
      world_.oracle.breach(std::format(
          "liveness: {} ({}) and {} waiting messages after {} h of calm that began in "
          "{}; ALMS intends {}; module: {}",
          core::to_text(router->state().lifecycle), core::code(router->status().verdict.reason),
          router->state().outbox.size(), promised(state) / 1h, core::to_text(state),
          intent(world_).text(), world_.iron.module->control("status", world_.time.now())));
    return;
  }
  auto& longest = world_.figures.longest_way_back[std::string(core::to_text(state))];
  longest = std::max(longest, world_.time.now() - began);
  check_results();
  operator_.resume();
  faults_.resume();
}

}  // namespace oobm::sim
