#include "tests/alms-sim/clock.hpp"

namespace oobm::alms_sim {

Seconds add_months(Seconds from, int months) {
  using namespace std::chrono;
  const auto midnight = floor<days>(from);
  auto date = year_month_day{midnight} + std::chrono::months{months};
  if (!date.ok()) date = date.year() / date.month() / last;
  return sys_days{date} + (from - midnight);
}

}  // namespace oobm::alms_sim
