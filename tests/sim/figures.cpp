#include "tests/sim/figures.hpp"

#include <algorithm>
#include <cstdio>
#include <format>
#include <utility>
#include <vector>

namespace oobm::sim {
namespace {

void print_counts(const char* title, const std::map<std::string, std::uint64_t>& counts) {
  std::string text(title);
  for (const auto& [name, count] : counts) text += std::format(" {} {},", name, count);
  if (text.ends_with(',')) text.pop_back();
  std::puts(text.c_str());
}

std::vector<std::pair<std::uint64_t, std::size_t>> rarest(
    const std::map<std::size_t, std::uint64_t>& transitions) {
  constexpr std::size_t told = 4;
  std::vector<std::pair<std::uint64_t, std::size_t>> rows;
  for (const auto& [row, count] : transitions) rows.emplace_back(count, row);
  std::ranges::sort(rows);
  rows.resize(std::min(rows.size(), told));
  return rows;
}

double days(core::Duration time) { return static_cast<double>(time.count()) / 86'400'000.0; }

}  // namespace

std::string describe(const core::Transition& row) {
  return std::format("{}: {}: {}", core::to_text(row.from), core::to_text(row.on),
                     core::to_text(row.guard));
}

void Figures::add(const Figures& other) {
  lived += other.lived;
  for (const auto& [name, count] : other.faults) faults[name] += count;
  for (const auto& [name, count] : other.acts) acts[name] += count;
  for (const auto& [name, count] : other.counts) counts[name] += count;
  for (std::size_t i = 0; i < in_state.size(); ++i) in_state[i] += other.in_state[i];
  for (const auto& [name, time] : other.longest_way_back) {
    auto& longest = longest_way_back[name];
    longest = std::max(longest, time);
  }
  for (const auto& [row, count] : other.transitions) transitions[row] += count;
}

void Figures::print() const {
  print_counts("faults:", faults);
  print_counts("acts:", acts);
  print_counts("counts:", counts);
  std::string text("days in each state:");
  for (const auto state : core::all_lifecycles())
    text += std::format(" {} {:.0f}", core::to_text(state),
                        days(in_state[static_cast<std::size_t>(state)]));
  std::puts(text.c_str());
  text = "longest way back:";
  for (const auto& [name, time] : longest_way_back)
    text += std::format(" {} {:.2f} h,", name, days(time) * 24);
  if (text.ends_with(',')) text.pop_back();
  std::puts(text.c_str());
  text = std::format("rows of the transition table that fired: {} of {}, the rarest:",
                     transitions.size(), core::transitions().size());
  for (const auto& [count, row] : rarest(transitions))
    text += std::format(" {} ({} times),", describe(core::transitions()[row]), count);
  text.pop_back();
  std::puts(text.c_str());
}

}  // namespace oobm::sim
