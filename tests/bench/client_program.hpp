// What the two programs that the uplink's costs are measured with have in common, so that they do
// the same and are asked the same way: arguments "--name value", commands as lines on standard
// input (connect, publish BYTES, stop), and for each a line on standard output with the time.
#pragma once

#include <chrono>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <string>

namespace oobm::bench {

class Arguments {
 public:
  Arguments(int count, char** values) {
    for (int i = 1; i + 1 < count; i += 2) given_[values[i]] = values[i + 1];
  }
  // Throws where the argument is missing.
  const std::string& operator[](const std::string& name) const {
    const auto found = given_.find("--" + name);
    if (found == given_.end()) throw std::invalid_argument("--" + name + " is missing");
    return found->second;
  }
  int number(const std::string& name) const { return std::stoi((*this)[name]); }

 private:
  std::map<std::string, std::string> given_;
};

// One line: what has happened, when (CLOCK_MONOTONIC, nanoseconds), and what there is to say.
inline void tell(const std::string& what, const std::string& detail = "") {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
  std::printf("%s %lld %s\n", what.c_str(), static_cast<long long>(nanoseconds), detail.c_str());
  std::fflush(stdout);
}

// "publish 200": the payload to publish. A letter repeated, as nothing on the way compresses.
inline std::string payload_of(const std::string& command) {
  return std::string(std::stoul(command.substr(command.find(' '))), 'x');
}

}  // namespace oobm::bench
