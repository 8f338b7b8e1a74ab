// Numbers as a person says them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace oobm::ctl {

// "340 ms", "12 s", "5 min", "3 h 20 min", "2 days 4 h". Negative: "0 ms".
std::string duration_words(std::int64_t milliseconds);

// "512 B", "6.0 kB", "249.1 MB"; factor 1000, as connectivity is sold.
std::string byte_words(std::uint64_t bytes);

// "-101", "-12.5": at most one decimal.
std::string decimal(double value);

// "1 day", "14 days".
std::string count_words(std::int64_t count, std::string_view noun);

// The date of an RFC 3339 instant: "2027-03-01". Other text comes back as it is.
std::string_view date_of(std::string_view instant);

}  // namespace oobm::ctl
