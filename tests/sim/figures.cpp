#include "tests/sim/figures.hpp"

#include <algorithm>
#include <cstdio>
#include <format>

namespace oobm::sim {
namespace {

void print_counts(const char* title, const std::map<std::string, std::uint64_t>& counts) {
  std::string text(title);
  for (const auto& [name, count] : counts) text += std::format(" {} {},", name, count);
  if (text.ends_with(',')) text.pop_back();
  std::puts(text.c_str());
}

double days(core::Duration time) { return static_cast<double>(time.count()) / 86'400'000.0; }

}  // namespace

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
  transitions.insert(other.transitions.begin(), other.transitions.end());
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
  std::puts(std::format("rows of the transition table that fired: {} of {}", transitions.size(),
                        core::transitions().size())
                .c_str());
}

}  // namespace oobm::sim
