#include "tests/net/reconnects/rounds.hpp"

#include <utility>

namespace oobm::netbench {
namespace {

using std::chrono::milliseconds;

// Short, so that a link that was reset on one side alone does not hold the run up.
constexpr uplink::Timeouts link_limits{
    .dns = milliseconds(10'000), .tcp = milliseconds(10'000), .tls = milliseconds(10'000)};
constexpr milliseconds login_limit{10'000};
constexpr milliseconds confirmation_limit{10'000};
constexpr std::uint64_t longest_before_abandoning_ms = 60;

}  // namespace

std::string to_json(const Tally& tally) {
  std::string endings;
  for (const auto& [name, count] : tally.endings)
    endings += (endings.empty() ? "\"" : ",\"") + name + "\":" + std::to_string(count);
  return "\"rounds\":" + std::to_string(tally.rounds) +
         ",\"ready\":" + std::to_string(tally.ready) +
         ",\"confirmed\":" + std::to_string(tally.confirmed) + ",\"endings\":{" + endings + "}";
}

Rounds::Rounds(uplink::LinkRequest request, std::string client_id, std::uint64_t seed)
    : request_(std::move(request)), client_id_(std::move(client_id)), random_(seed) {
  request_.timeouts = link_limits;
}

Rounds::Ending Rounds::pick() {
  const auto number = random_() % 10;
  if (number < 5) return Ending::order;
  return number < 9 ? Ending::cut : Ending::abandoned;
}

void Rounds::abandon_soon(uplink::test::Recorder& recorder,
                          std::unique_ptr<uplink::Session>& session) {
  const auto until = std::chrono::steady_clock::now() +
                     milliseconds(random_() % (longest_before_abandoning_ms + 1));
  bench_.run_until([&] { return recorder.closed || std::chrono::steady_clock::now() >= until; },
                   longest_round);
  session.reset();
  ++tally_.endings["abandoned"];
}

bool Rounds::play() {
  ++tally_.rounds;
  uplink::test::Recorder recorder;
  auto options = uplink::test::session_options(client_id_);
  options.login_timeout = login_limit;
  const auto ending = pick();
  auto session = sessions_.open(request_, std::move(options), recorder.handlers());
  if (ending == Ending::abandoned) {
    abandon_soon(recorder, session);
    return true;
  }
  if (!bench_.run_until([&] { return recorder.settled(); }, longest_round)) return false;
  if (recorder.ready) {
    ++tally_.ready;
    if (ending == Ending::order) {
      // Refused where the session has ended meanwhile, which on_closed says too.
      if (session->publish(client_id_ + "/messages/json", "[]"))
        bench_.run_until([&] { return recorder.closed || !recorder.published.empty(); },
                         std::chrono::ceil<std::chrono::seconds>(confirmation_limit));
      session->stop();
    } else {
      session->cut();
    }
  }
  if (!bench_.run_until([&] { return recorder.closed.has_value(); }, longest_round)) return false;
  tally_.confirmed += recorder.published.size();
  ++tally_.endings[std::string(uplink::name(recorder.closed->code))];
  return recorder.closed_count == 1;
}

void Rounds::rest() {
  bench_.run_until([] { return false; }, usual_burial);
}

bool Rounds::settle(const Figures& allowed) {
  return bench_.run_until(
      [&] {
        const auto now = figures_now();
        return now.descriptors <= allowed.descriptors && now.threads <= allowed.threads;
      },
      longest_burial);
}

}  // namespace oobm::netbench
