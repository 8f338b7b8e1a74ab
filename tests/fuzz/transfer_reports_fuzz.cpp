// Whatever a subverted helper writes: the daemon's reader stays within its bounds, gives the same
// in one piece as byte by byte, and what it takes for a report reads as itself. The same bytes are
// also read as a job, as the helper reads them.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/transfer/protocol.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace oobm::transfer;
using oobm::fuzz::require;

std::vector<Report> read(std::string_view bytes, std::size_t step) {
  std::vector<Report> reports;
  ReportReader reader;
  for (std::size_t at = 0; at < bytes.size(); at += step)
    reader.feed(bytes.substr(at, step), [&](const Report& report) { reports.push_back(report); });
  return reports;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto reports = read(bytes, size + 1);
  require(reports == read(bytes, 1), "byte by byte gives the same");
  for (const auto& report : reports) {
    const auto line = to_line(report);
    require(line.size() <= max_report_bytes + 1, "a line is bounded");
    require(parse_report(std::string_view(line).substr(0, line.size() - 1)) == report,
            "a report reads as itself");
  }
  if (const auto job = parse_job(bytes))
    require(parse_job(to_text(*job)) == job, "a job reads as itself");
  return 0;
}
