// What one byte costs the AT channel, for ordinary dialogues and for floods of everything that is
// none. Linear: the time for each byte stays the same as the input grows (the table shows 4 KiB, 64
// KiB and 1 MiB, and Google Benchmark's own estimate of the order). "allocs/line" counts calls of
// operator new for each line that the input holds.
#include <cstdint>
#include <string>

#include <benchmark/benchmark.h>

#include "hal/at/channel.hpp"
#include "hal/at/commands.hpp"
#include "tests/support/allocations.hpp"

namespace oobm::hal::at {
namespace {

using namespace std::chrono_literals;

void drain(Channel& channel) {
  while (auto output = channel.next()) benchmark::DoNotOptimize(output);
}

void pass(Channel& channel, core::BootTime& now, core::Duration time) {
  now = now + time;
  channel.tick(now);
  drain(channel);
}

void synchronise(Channel& channel, core::BootTime& now) {
  channel.synchronise(now);
  pass(channel, now, 400ms);
  pass(channel, now, 30ms);
  channel.feed("\r\nOK\r\n", now);
  pass(channel, now, 300ms);
}

void count(benchmark::State& state, std::uint64_t allocated, std::uint64_t bytes,
           std::uint64_t lines) {
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
  state.SetComplexityN(state.range(0));
  const auto every = lines == 0 ? static_cast<std::uint64_t>(state.iterations()) : lines;
  state.counters["allocs/line"] = static_cast<double>(allocated) / static_cast<double>(every);
}

// A flood of one piece while an answer is awaited.
void flood(benchmark::State& state, std::string_view piece) {
  std::string bytes;
  std::uint64_t lines = 0;
  while (bytes.size() < static_cast<std::size_t>(state.range(0))) {
    bytes += piece;
    lines += piece.contains('\r');
  }
  Channel channel(known_reports());
  core::BootTime now{1s};
  synchronise(channel, now);
  channel.send(question("AT+CSQ", "+CSQ", 3s), now);
  pass(channel, now, 5ms);
  const auto before = test::allocations();
  for (auto _ : state) channel.feed(bytes, now);
  const auto rounds = static_cast<std::uint64_t>(state.iterations());
  count(state, test::allocations() - before, rounds * bytes.size(), rounds * lines);
}

// Questions and their answers, as many as make up the bytes.
void dialogue(benchmark::State& state) {
  constexpr std::string_view answer = "\r\n+CSQ: 17,99\r\n\r\nOK\r\n";
  const auto command = question("AT+CSQ", "+CSQ", 3s);
  const auto rounds = static_cast<std::size_t>(state.range(0)) / answer.size();
  Channel channel(known_reports());
  core::BootTime now{1s};
  synchronise(channel, now);
  const auto before = test::allocations();
  for (auto _ : state)
    for (std::size_t i = 0; i < rounds; ++i) {
      channel.send(command, now);
      pass(channel, now, 5ms);
      channel.feed(answer, now);
      pass(channel, now, 20ms);
    }
  const auto played = static_cast<std::uint64_t>(state.iterations()) * rounds;
  count(state, test::allocations() - before, played * answer.size(), 2 * played);
}

void sizes(benchmark::internal::Benchmark* bench) {
  bench->RangeMultiplier(16)->Range(4 << 10, 1 << 20)->Complexity(benchmark::oN);
}

BENCHMARK(dialogue)->Apply(sizes);
BENCHMARK_CAPTURE(flood, noise_lines, "^SOMETHING: 17,\"what nobody asked for\",0,0,0\r\n")
    ->Apply(sizes);
BENCHMARK_CAPTURE(flood, late_answers, "\r\n+CEREG: 5,1,\"002F\",\"0012BEEF\",7,,,\"00000001\"\r\n")
    ->Apply(sizes);
BENCHMARK_CAPTURE(flood, unbalanced_quotes, "+COPS: 0,0,\"Vod\r\n")->Apply(sizes);
BENCHMARK_CAPTURE(flood, endless_line, "0123456789abcdef")->Apply(sizes);
BENCHMARK_CAPTURE(flood, nuls, std::string_view("\0\0\0\0\0\0\0\0", 8))->Apply(sizes);
BENCHMARK_CAPTURE(flood, line_ends, "\r\r\r\r")->Apply(sizes);

}  // namespace
}  // namespace oobm::hal::at

BENCHMARK_MAIN();
