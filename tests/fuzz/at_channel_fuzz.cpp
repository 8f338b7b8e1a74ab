// The AT channel against a module that says anything at any time, while the host sends, waits,
// resynchronises and closes as the input wants. The input is text: what the module sends, with
// orders to the host between, each of them '`' and one character:
//
//   `q `d `i `r `s `h   send a command (see the table), if the channel is ready
//   `0 ... `9           time passes (see the table)
//   `|                  one read of the port ends here
//   `y `z               synchronise, close
//   `*                  what the read holds so far is repeated eight times, if that is not too much
//   ``                  the character '`' itself
//
// Each input runs twice, with the reads as given and byte by byte: both must come to the same. And
// however it ends, a module that then behaves is understood again.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hal/at/channel.hpp"
#include "hal/at/commands.hpp"
#include "hal/at/fields.hpp"
#include "hal/at/text.hpp"
#include "tests/fuzz/require.hpp"

namespace oobm::hal::at {
namespace {

using core::BootTime;
using core::Duration;
using fuzz::require;

constexpr char order_mark = '`';
constexpr Duration limit{3000};

// By the digit of the order, in milliseconds: about every pause of the channel, and one less.
constexpr std::array<int, 10> pauses{1, 2, 3, 19, 20, 49, 299, 400, 1000, 3000};

struct Order {
  char letter;
  Command command;
};

const std::vector<Order>& commands() {
  static const std::vector<Order> table = [] {
    auto hang_up = setting("ATH", limit);
    hang_up.call = true;
    return std::vector<Order>{{'q', question("AT+CSQ", "+CSQ", limit)},
                              {'d', plain_question("AT+CGMR", "+CGMR", limit)},
                              {'i', plain_question("AT+CGSN", "+CGSN", limit)},
                              {'r', registration_question("+CEREG", 5, limit)},
                              {'s', setting("AT+CPSMS=0", limit)},
                              {'h', hang_up}};
  }();
  return table;
}

// Reports that nothing else can be mistaken for: none of them may get lost.
bool is_sure_report(std::string_view line) {
  static const auto reports = known_reports();
  for (const auto& report : reports)
    if (!report.is_report && (has_name(line, report.name) || same_text(line, report.name)))
      return true;
  return false;
}

class Run {
 public:
  explicit Run(bool byte_by_byte) : byte_by_byte_(byte_by_byte) { synchronise(); }

  // What came out, in order.
  std::string play(std::string_view input) {
    std::string read;
    for (std::size_t i = 0; i < input.size(); ++i) {
      if (input[i] != order_mark || i + 1 == input.size()) {
        read += input[i];
        continue;
      }
      const char letter = input[++i];
      if (letter == order_mark || letter == '*') {
        extend(read, letter);
        continue;
      }
      receive(read);
      read.clear();
      obey(letter);
    }
    receive(read);
    recover();
    return log_;
  }

 private:
  static void extend(std::string& read, char letter) {
    constexpr std::size_t most = 4 * LineSplitter::max_line_bytes;
    if (letter == order_mark) read += letter;
    for (int i = 0; i < 3 && letter == '*' && 2 * read.size() <= most; ++i) read.append(read);
  }

  void obey(char letter) {
    if (letter >= '0' && letter <= '9')
      return pass(Duration(pauses[static_cast<std::size_t>(letter - '0')]));
    if (letter == 'y') return synchronise();
    if (letter == 'z') return close();
    for (const auto& order : commands())
      if (order.letter == letter) send(order.command);
  }

  void send(const Command& command) {
    if (!channel_.ready(command)) return;
    command_ = &command;
    sent_at_ = now_;
    channel_.send(command, now_);
    collect();
  }

  void synchronise() {
    command_ = nullptr;
    closed_ = false;
    channel_.synchronise(now_);
    collect();
  }

  void close() {
    command_ = nullptr;
    closed_ = true;
    channel_.close();
    reference_.clear();
    collect();
  }

  void pass(Duration time) {
    now_ = now_ + time;
    channel_.tick(now_);
    collect();
  }

  void receive(std::string_view bytes) {
    expect_reports(bytes);
    if (byte_by_byte_)
      for (const char& c : bytes) channel_.feed({&c, 1}, now_);
    else
      channel_.feed(bytes, now_);
    collect();
    const auto dropped = channel_.counters().dropped_events;
    require(events_ <= expected_events_ && events_ + dropped >= expected_events_,
            "every report comes out, once");
  }

  void expect_reports(std::string_view bytes) {
    if (closed_) return;
    while (const auto line = reference_.next(bytes)) {
      require(!line->empty() && line->size() <= LineSplitter::max_line_bytes, "lines are bounded");
      require(trim(*line).size() == line->size(), "lines are trimmed");
      require(line->find_first_of(std::string_view("\r\n\0\x1b\x7f", 5)) == line->npos,
              "lines hold no control characters");
      if (is_sure_report(*line)) ++expected_events_;
    }
  }

  void collect() {
    std::size_t taken = 0;
    while (const auto output = channel_.next()) {
      std::visit([this](const auto& what) { note(what); }, *output);
      ++taken;
    }
    require(taken <= Channel::max_outputs + 4, "outputs are bounded");
    require(!command_ || !channel_.ready(), "one command is in flight");
    const auto deadline = channel_.deadline();
    require(!deadline || *deadline > now_, "no deadline is left behind");
  }

  void note(const Write& write) {
    log_ += "> " + write.bytes;
    if (write.bytes == "AT\r") probed_ = true;
  }

  void note(const Answered& answered) {
    const auto& answer = answered.answer;
    require(command_ != nullptr, "an answer belongs to a command, which has only one");
    require(answer.result || now_ - sent_at_ >= limit, "no time-out before its time");
    require(!answer.result || now_ - sent_at_ <= limit || late_tick(), "no answer after its time");
    require(answer.lines.size() <= Channel::max_answer_lines, "answers are bounded");
    for (const auto& line : answer.lines) {
      require(command_->accepts && command_->accepts(line), "answers hold accepted lines only");
      log_ += "line " + line + '\n';
    }
    log_ += answer.result ? answer.result->text : "timeout";
    log_ += answer.echoed ? " echoed\n" : "\n";
    last_ok_ = answer.ok();
    last_line_ = answer.lines.empty() ? std::string() : answer.lines.back();
    command_ = nullptr;
  }

  // Time passes in steps here, so that the end of a wait is seen after it.
  [[nodiscard]] bool late_tick() const { return now_ - sent_at_ < limit + limit; }

  void note(const Event& event) {
    if (is_sure_report(event.line)) ++events_;
    log_ += "event " + event.line + '\n';
  }

  void note(const Synchronised&) {
    require(channel_.ready(), "a synchronised channel is ready");
    log_ += "synchronised\n";
  }
  void note(const Silent&) { log_ += "silent\n"; }

  // The module behaves from now on.
  void recover() {
    constexpr int most_steps = 32;
    if (closed_) synchronise();
    for (int step = 0; step < most_steps && !channel_.ready(); ++step) {
      const auto deadline = channel_.deadline();
      if (!deadline) synchronise();
      probed_ = false;
      pass(deadline ? *deadline - now_ : Duration(1));
      if (!probed_) continue;
      pass(Duration(30));
      receive("\r\nOK\r\n");
    }
    require(channel_.ready(), "a channel recovers when its module does");
    receive("\r\n");  // behind whatever it had begun to say
    send(commands().front().command);
    pass(Duration(5));
    receive("\r\n+CSQ: 17,99\r\n\r\nOK\r\n");
    const bool understood = !command_ && last_ok_ && last_line_ == "+CSQ: 17,99";
    if (!understood) std::fprintf(stderr, "%s", log_.c_str());
    require(understood, "a recovered channel understands");
  }

  bool byte_by_byte_;
  bool closed_ = false;
  Channel channel_{known_reports()};
  LineSplitter reference_;
  BootTime now_{Duration(1000)};
  BootTime sent_at_{};
  const Command* command_ = nullptr;  // in flight
  bool probed_ = false;
  bool last_ok_ = false;
  std::string last_line_;
  std::uint64_t expected_events_ = 0;
  std::uint64_t events_ = 0;
  std::string log_;
};

void play_both_ways(std::string_view input) {
  require(Run(false).play(input) == Run(true).play(input), "how bytes are cut changes nothing");
}

}  // namespace
}  // namespace oobm::hal::at

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(data, data + size);
  oobm::hal::at::play_both_ways(input);
  return 0;
}
