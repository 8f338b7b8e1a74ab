// One AT dialogue: who said what to whom. A module mixes three things on one line: the echo of the
// command, the answer to it, and reports of its own accord (ITU-T V.250 section 5.2.3, 3GPP
// TS 27.007 section 4), at any moment, cut anywhere. This class gives each line its place:
//
//  - One command is in flight. Its answer consists of the lines that *it* accepts, and ends with
//  the
//    first final result code. Everything else is a known report, or noise: counted, never believed.
//  - A final code with nothing pending is noise; so is one that arrives within `settle` after the
//    answer ended (modules exist that send two), because the next command is held back that long.
//    A question behind a whole answer need not wait, as long as this module has not sent two: a
//    look at the module then wakes the processor once for each question, not twice.
//  - A final code that may be the late one of an older command does not end the answer at once: an
//    OK without the information line or the connection that was asked for waits `late_line` for it,
//    and a code within `too_early` of the command, before anything else of its answer, waits
//    `second_code` for another, which then counts.
//  - After a time-out nobody knows whose answer comes next, so the channel resynchronises before
//    anything else is sent: silence, then "AT" up to three times until a final code comes, then
//    silence.
//
// Sans-I/O: bytes and the time go in; bytes to write, answers and events come out. No file
// descriptor, no clock. Every buffer is bounded, the work is in proportion to the bytes, and a line
// that is noise takes no memory. How the bytes are cut makes no difference. Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/core/time.hpp"
#include "hal/at/line_splitter.hpp"
#include "hal/at/result_code.hpp"

namespace oobm::hal::at {

struct Command {
  std::string text;              // without CR; one command, never several joined by ';'
  core::Duration time_limit{0};  // from sending to the final result code
  // Which lines belong to the answer. Empty: none do, and OK ends the answer at once.
  std::function<bool(std::string_view line)> accepts;
  bool call = false;  // dials or hangs up: CONNECT, NO CARRIER and the like end the answer
};

struct Answer {
  std::optional<ResultCode> result;  // nothing: time-out
  std::vector<std::string> lines;    // accepted ones, in order
  bool echoed = false;               // the module has echoed the command

  [[nodiscard]] bool ok() const { return result && result->ok(); }
};

// Outputs.
struct Write {
  std::string bytes;
};
struct Answered {
  Answer answer;
};
struct Event {
  std::string line;  // a known report, for example "+CEREG: 2"
};
struct Synchronised {};  // send() works again
struct Silent {};        // no answer to "AT"; the channel waits for synchronise()
using Output = std::variant<Write, Answered, Event, Synchronised, Silent>;

// A report that modules send of their own accord.
struct ReportName {
  std::string_view name;  // "+KSUP" (a colon follows), or a whole line such as "RDY"
  // A report that has the name of an answer too must look like a report; nullptr: it always is one.
  bool (*is_report)(std::string_view line) = nullptr;
};

struct ChannelTiming {
  core::Duration settle{20};       // after an answer, before the next command
  core::Duration late_line{300};   // for an information line, or CONNECT, behind an OK without it
  core::Duration too_early{3};     // no module answers a command sooner; 9600 baud take longer
  core::Duration second_code{50};  // for another final code behind one that came too early
  core::Duration drain{400};       // first silence of a resynchronisation
  core::Duration probe{1000};      // for an answer to "AT"
  core::Duration early_final{20};  // a final code sooner after "AT" may be an older command's
  core::Duration quiet{300};       // last silence of a resynchronisation
};

class Channel {
 public:
  static constexpr int max_probes = 3;
  static constexpr std::size_t max_answer_lines = 64;  // further ones are noise
  static constexpr std::size_t max_outputs = 256;  // waiting to be taken; further events are lost

  struct Counters {
    std::uint64_t noise_lines = 0;
    std::uint64_t stray_results = 0;
    std::uint64_t timeouts = 0;
    std::uint64_t dropped_events = 0;
  };

  explicit Channel(std::vector<ReportName> reports, ChannelTiming timing = {});

  // Begins with a resynchronisation; also right after the port was opened. An answer that is still
  // pending is dropped.
  void synchronise(core::BootTime now);

  // Forgets everything; nothing is sent until synchronise().
  void close();

  // True when send() may be called with any command.
  [[nodiscard]] bool ready() const { return state_ == State::idle; }

  // True when send() may be called with this one.
  [[nodiscard]] bool ready(const Command& next) const;

  // Requires ready(command). Ends with exactly one Answered, unless synchronise() or close() comes
  // first.
  void send(Command command, core::BootTime now);

  void feed(std::string_view bytes, core::BootTime now);
  void tick(core::BootTime now);

  // An answer has just ended: nobody who has nothing to send need wait for the end of this.
  [[nodiscard]] bool settling() const { return state_ == State::settling; }

  // When tick() is wanted. Nothing: never.
  [[nodiscard]] std::optional<core::BootTime> deadline() const;

  std::optional<Output> next();

  [[nodiscard]] const Counters& counters() const { return counters_; }
  [[nodiscard]] const LineSplitter::Counters& line_counters() const { return splitter_.counters(); }

 private:
  enum class State : std::uint8_t {
    closed,
    idle,
    settling,  // an answer has just ended
    pending,   // a command is in flight
    doubted,   // as pending, but a final code has come that may be an older command's
    silent,    // resynchronisation failed
    draining,  // resynchronisation: silence
    probing,   // resynchronisation: "AT" sent
    quieting,  // resynchronisation: silence after the final code
  };

  void on_line(std::string_view line, core::BootTime now);
  void on_pending_line(std::string_view line, core::BootTime now);
  void on_result(ResultCode result, core::BootTime now);
  void on_probe_result(core::BootTime now);
  bool report(std::string_view line, bool exclusive_only);
  bool echo(std::string_view line);
  [[nodiscard]] std::optional<core::Duration> doubt(const ResultCode& result,
                                                    core::BootTime now) const;
  void finish(std::optional<ResultCode> result, core::BootTime now);
  void drop_doubted();
  void stray_result();
  void probe(core::BootTime now);
  void probe_unanswered(core::BootTime now);
  void enter(State state, core::BootTime deadline);
  void push_event(std::string_view line);
  void push(Output output);
  [[nodiscard]] bool synchronising() const { return state_ >= State::silent; }

  std::vector<ReportName> reports_;
  ChannelTiming timing_;
  LineSplitter splitter_;
  State state_ = State::closed;
  core::BootTime deadline_{};
  core::BootTime sent_at_{};    // of the command in flight
  core::BootTime answer_by_{};  // likewise
  Command command_;
  std::string previous_;  // text of the command before, whose echo may come late
  Answer answer_;
  std::optional<ResultCode> doubted_;
  bool whole_ = false;         // the last answer was the line that was asked for, and OK
  bool second_codes_ = false;  // a code has come that was nobody's, or an older command's
  core::BootTime probed_at_{};
  int probes_ = 0;
  bool early_final_ = false;
  std::deque<Output> outputs_;
  Counters counters_;
};

}  // namespace oobm::hal::at
