// One session after the other, each ended in one of the ways that sessions end: in good order, cut
// as soon as it stands, thrown away while it connects, or by whatever the network does to it. Each
// must end once, in its time, and leave nothing behind.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "agent/uplink/session.hpp"
#include "tests/net/reconnects/figures.hpp"
#include "tests/unit/uplink/support/bench.hpp"

namespace oobm::netbench {

// A session that has not ended after this much never will: all its own limits together are less.
inline constexpr std::chrono::seconds longest_round{120};
// The MQTT library takes up to two seconds to let go of a session.
inline constexpr std::chrono::seconds usual_burial{3};
inline constexpr std::chrono::seconds longest_burial{20};

struct Tally {
  std::uint64_t rounds = 0;
  std::uint64_t ready = 0;
  std::uint64_t confirmed = 0;                   // publications with their PUBACK
  std::map<std::string, std::uint64_t> endings;  // by failure name
};
std::string to_json(const Tally& tally);

class Rounds {
 public:
  Rounds(uplink::LinkRequest request, std::string client_id, std::uint64_t seed);

  // One session from its beginning to its end. False: it does not end.
  bool play();
  // Lets the MQTT library let go of the last session.
  void rest();
  // Waits until there are no more descriptors and threads than `allowed`; false: they stay.
  bool settle(const Figures& allowed);

  [[nodiscard]] const Tally& tally() const { return tally_; }

 private:
  enum class Ending : std::uint8_t { order, cut, abandoned };
  Ending pick();
  void abandon_soon(uplink::test::Recorder& recorder, std::unique_ptr<uplink::Session>& session);

  uplink::test::Bench bench_;
  uplink::Sessions sessions_{bench_.loop, bench_.gate};
  uplink::LinkRequest request_;
  std::string client_id_;
  std::mt19937_64 random_;
  Tally tally_;
};

}  // namespace oobm::netbench
