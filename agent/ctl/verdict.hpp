// The first thing that a technician reads: is this router in service, if not why, and what to do
// next. Never "in service" when it is not: the paid service counts, and that the link works now.
#pragma once

#include <string>

#include "agent/ctl/view.hpp"

namespace oobm::ctl {

struct Verdict {
  bool in_service = false;
  std::string headline;  // one line: "ACTIVE - in service until 2027-03-01 (99 days left)"
  std::string why;       // what the headline leaves out, lines separated by '\n'; may be empty
  std::string next;      // never empty
};

// Days before the end of a pre-paid term from which on the headline asks for a renewal.
inline constexpr int notice_days = 90;

// `status` is the object of docs/cli.md.
Verdict verdict(const View& status);

// What the OOBM link failed at last, of the status's `link`; where that tells of none, the last
// fault of any session. The main WAN may have stood in since, and failed at something else.
View oobm_fault_of(const View& link);

}  // namespace oobm::ctl
