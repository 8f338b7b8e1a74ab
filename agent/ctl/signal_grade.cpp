#include "agent/ctl/signal_grade.hpp"

namespace oobm::ctl {
namespace {

std::string_view grade(double value, double good, double fair) {
  if (value >= good) return "good";
  return value >= fair ? "fair" : "poor";
}

}  // namespace

std::string_view grade_rsrp(double dbm) { return grade(dbm, -108, -118); }
std::string_view grade_rsrq(double db) { return grade(db, -14, -17); }

}  // namespace oobm::ctl
