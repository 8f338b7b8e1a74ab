// What the AT channel costs, counted and not timed. The compiler lets the sources under test call
// __sanitizer_cov_trace_pc() at every basic block that they execute, and this program replaces
// operator new: both counts are the same on every machine.
//
// Not counted is what happens inside the C library (copying, searching); the channel moves no byte
// more than twice there, as line_splitter.cpp explains.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "hal/at/channel.hpp"
#include "hal/at/commands.hpp"
#include "tests/support/allocations.hpp"

namespace {

std::uint64_t steps = 0;

}  // namespace

// Called by the instrumented sources; this file is not one of them.
extern "C" void __sanitizer_cov_trace_pc();
extern "C" void __sanitizer_cov_trace_pc() { ++steps; }

namespace oobm::hal::at {
namespace {

using namespace std::chrono_literals;

struct Cost {
  std::uint64_t steps = 0;
  std::uint64_t allocations = 0;
};

std::string repeated(std::string_view piece, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += piece;
  return text;
}

// A channel that waits for an answer, so that a line is held against everything it can be.
class Bench {
 public:
  explicit Bench(const Command& command) {
    channel_.synchronise(now_);
    pass(400ms);
    pass(30ms);
    channel_.feed("\r\nOK\r\n", now_);
    pass(300ms);
    EXPECT_TRUE(channel_.ready());
    channel_.send(command, now_);
    pass(5ms);
  }

  // What `bytes` cost. Outputs are taken out between, since they are somebody else's to keep.
  Cost of(std::string_view bytes) {
    constexpr std::size_t read = 256;
    const Cost before{steps, test::allocations()};
    while (!bytes.empty()) {
      channel_.feed(bytes.substr(0, read), now_);
      while (channel_.next()) {
      }
      bytes.remove_prefix(std::min(read, bytes.size()));
    }
    return {steps - before.steps, test::allocations() - before.allocations};
  }

  [[nodiscard]] const Channel& channel() const { return channel_; }

 private:
  void pass(core::Duration time) {
    now_ = now_ + time;
    channel_.tick(now_);
    while (channel_.next()) {
    }
  }

  Channel channel_{known_reports()};
  core::BootTime now_{1s};
};

struct Shape {
  const char* name;
  std::string_view piece;
};

const std::vector<Shape> noise_shapes{
    {"short lines", "noise\r\n"},
    {"lines longer than any small buffer", "^SOMETHING: 17,\"what nobody asked for\",0,0,0,0\r\n"},
    {"answers to other questions", "\r\n+COPS: 0,0,\"an operator of some length\",7\r\n"},
    {"late registration answers", "\r\n+CEREG: 5,1,\"002F\",\"0012BEEF\",7,,,\"00000001\"\r\n"},
    {"late registration answers, other names", "\r\n+CREG: 2,1,\"1234\",\"001122BB\",7,,,,,,\r\n"},
    {"echoes", "AT+CSQ\r"},
    {"ends of calls", "NO CARRIER\r\n"},
    {"connections", "CONNECT 115200\r\n"},
    {"unbalanced quotes", "+COPS: 0,0,\"Vod\r\n"},
    {"unbalanced quotes on every second line", "\"a\r\nb\r\n"},
    {"line breaks inside quotes", "\"\r\nx"},
    {"one endless line", "0123456789"},
    {"one endless quoted line", "\"\"x"},
    {"blanks", "   \t"},
    {"blank lines", " \r\n"},
    {"colons", "+CEREG:::::::"},
    {"commas", "+COPS: 1,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\r"},
    {"carriage returns", "\r"},
    {"NULs", std::string_view("\0", 1)},
    {"eight-bit bytes", "\xff\xfe"},
    {"PPP frames", "~\xff}#\xc0!}!}#} }4}\"}&} }*} } g%~"},
};

std::vector<Command> listeners() {
  return {question("AT+CSQ", "+CSQ", 3s), registration_question("+CEREG", 5, 3s),
          plain_question("AT+CGSN", "+CGSN", 3s), setting("AT+CPSMS=0", 3s)};
}

TEST(AtCost, noise_takes_no_memory) {
  for (const auto& shape : noise_shapes)
    for (const auto& command : listeners()) {
      Bench bench(command);
      bench.of(repeated(shape.piece, 4096));
      EXPECT_EQ(bench.of(repeated(shape.piece, 8192)).allocations, 0U)
          << shape.name << " during " << command.text;
    }
}

TEST(AtCost, allocations_are_counted_at_all) {
  Bench bench(question("AT+CSQ", "+CSQ", 3s));
  EXPECT_GT(bench.of("\r\n+CIEV: 7,1 and some more text\r\n").allocations, 0U);
}

const std::vector<Shape> other_shapes{
    {"reports", "\r\n+CIEV: 7,1\r\n"},
    {"registration reports", "\r\n+CEREG: 5,\"002F\",\"0012BEEF\",7\r\n"},
    {"lines of the answer", "\r\n+CSQ: 17,99\r\n"},
};

// A cost that grows as the square would be sixteen times as high for four times the bytes. The
// first bytes may cost more or less than the others, an answer being bounded.
TEST(AtCost, work_is_in_proportion_to_the_bytes_whatever_they_are) {
  constexpr std::size_t bytes = 4096;
  // Not optimised, and each short line is held against all names.
  constexpr std::uint64_t most_steps_per_byte = 3000;
  auto shapes = noise_shapes;
  shapes.insert(shapes.end(), other_shapes.begin(), other_shapes.end());
  for (const auto& shape : shapes)
    for (const auto& command : {listeners().front(), listeners().back()}) {
      const auto once = Bench(command).of(repeated(shape.piece, bytes)).steps;
      const auto four_times = Bench(command).of(repeated(shape.piece, 4 * bytes)).steps;
      EXPECT_GT(once, bytes) << "every byte is looked at; the counter counts";
      EXPECT_LE(four_times, 5 * once) << shape.name << " during " << command.text;
      EXPECT_LE(once, bytes * most_steps_per_byte) << shape.name << " during " << command.text;
    }
}

TEST(AtCost, dialogues_cost_alike_however_many_went_before) {
  const auto command = question("AT+CSQ", "+CSQ", 3s);
  Channel channel(known_reports());
  core::BootTime now{1s};
  channel.synchronise(now);
  const auto pass = [&](core::Duration time) {
    now = now + time;
    channel.tick(now);
    while (channel.next()) {
    }
  };
  pass(400ms);
  pass(30ms);
  channel.feed("OK\r", now);
  pass(300ms);
  std::vector<std::uint64_t> costs;
  for (int i = 0; i < 1000; ++i) {
    const auto before = steps;
    channel.send(command, now);
    pass(5ms);
    channel.feed("\r\n+CSQ: 17,99\r\n\r\nOK\r\n", now);
    pass(20ms);
    costs.push_back(steps - before);
    ASSERT_TRUE(channel.ready());
  }
  const auto middle = costs.begin() + 500;
  EXPECT_EQ(*std::max_element(middle, costs.end()), *std::max_element(costs.begin() + 1, middle));
}

}  // namespace
}  // namespace oobm::hal::at
