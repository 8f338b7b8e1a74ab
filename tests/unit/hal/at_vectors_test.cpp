// Replays what real modules said (tests/vectors/at) through the channel: in one piece, byte by
// byte, and cut in two at every position. The result must be the same.
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "hal/at/channel.hpp"
#include "hal/at/clock.hpp"
#include "hal/at/commands.hpp"
#include "hal/at/fields.hpp"
#include "hal/at/hl78xx.hpp"
#include "hal/at/pdp.hpp"
#include "hal/at/registration.hpp"
#include "hal/at/signal.hpp"
#include "hal/at/sim.hpp"
#include "hal/at/text.hpp"

namespace oobm::hal::at {
namespace {

using core::BootTime;
using core::Duration;

constexpr Duration time_limit_of_all{3000};

struct Action {
  char kind;  // '>' command, '<' bytes, 'w' wait
  std::string text;
  std::string answer_kind;
};

struct Case {
  std::string name;
  std::vector<Action> actions;
  std::vector<std::string> expected;
};

std::string unescape(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      bytes += text[i];
      continue;
    }
    const char c = text[++i];
    if (c == 'r') bytes += '\r';
    if (c == 'n') bytes += '\n';
    if (c == 'x') {
      bytes += static_cast<char>(*to_number<int>(text.substr(i + 1, 2), 16));
      i += 2;
    }
  }
  return bytes;
}

Action parse_send(std::string_view rest) {
  const auto bar = rest.find(" | ");
  if (bar == std::string_view::npos) return {'>', std::string(rest), ""};
  return {'>', std::string(rest.substr(0, bar)), std::string(rest.substr(bar + 3))};
}

// Joins neighbouring "<" lines, so that cuts fall across them too.
void add_bytes(Case& into, std::string bytes) {
  if (!into.actions.empty() && into.actions.back().kind == '<')
    into.actions.back().text += bytes;
  else
    into.actions.push_back({'<', std::move(bytes), ""});
}

void add_line(std::vector<Case>& cases, const std::string& line) {
  if (line.empty() || line.starts_with("source ") || line.starts_with("note ")) return;
  if (line.starts_with("case ")) {
    cases.push_back({line.substr(5), {}, {}});
    return;
  }
  ASSERT_FALSE(cases.empty()) << line;
  auto& current = cases.back();
  if (line.starts_with("> "))
    current.actions.push_back(parse_send(line.substr(2)));
  else if (line.starts_with("<< "))
    add_bytes(current, unescape(line.substr(3)));
  else if (line.starts_with("< "))
    add_bytes(current, "\r\n" + line.substr(2) + "\r\n");
  else if (line == "wait")
    current.actions.push_back({'w', "", ""});
  else if (line.starts_with("= "))
    current.expected.push_back(line.substr(2));
  else
    ADD_FAILURE() << "unknown line: " << line;
}

std::vector<Case> load(const std::filesystem::path& file) {
  std::vector<Case> cases;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) add_line(cases, line);
  return cases;
}

std::string command_name(std::string_view text) {
  return std::string(text.substr(2, text.find_first_of("=?") - 2));
}

Command make_command(const Action& action) {
  auto kind = action.answer_kind;
  if (kind.empty()) {
    const bool setting_form = action.text.contains('=') && !action.text.contains("=?");
    const bool basic = action.text.size() < 3 || action.text[2] != '+';
    kind = setting_form || basic ? "none" : command_name(action.text);
  }
  if (kind == "none") return setting(action.text, time_limit_of_all);
  if (kind == "plain")
    return plain_question(action.text, command_name(action.text), time_limit_of_all);
  if (kind == "call") {
    auto command = setting(action.text, time_limit_of_all);
    command.call = true;
    return command;
  }
  if (kind == "+CEREG" || kind == "+CREG" || kind == "+CGREG")
    if (!action.text.contains('='))
      return registration_question(kind, std::nullopt, time_limit_of_all);
  return question(action.text, kind, time_limit_of_all);
}

class Replay {
 public:
  // `cut` < 0: byte by byte; otherwise the position of the cut in the bytes of the whole case.
  std::vector<std::string> run(const Case& dialogue, std::ptrdiff_t cut) {
    open();
    for (const auto& action : dialogue.actions) step(action, cut);
    pass(time_limit_of_all);
    const auto& counters = channel_.counters();
    if (counters.noise_lines) log_.push_back("noise " + std::to_string(counters.noise_lines));
    if (counters.stray_results) log_.push_back("stray " + std::to_string(counters.stray_results));
    return log_;
  }

 private:
  void open() {
    channel_.synchronise(now_);
    pass(Duration(400));
    pass(Duration(50));
    channel_.feed("\r\nOK\r\n", now_);
    pass(Duration(300));
    log_.clear();
    ASSERT_TRUE(channel_.ready());
  }

  void step(const Action& action, std::ptrdiff_t& cut) {
    if (action.kind == '>') {
      pass(Duration(500));
      pass(Duration(500));
      ASSERT_TRUE(channel_.ready()) << action.text;
      channel_.send(make_command(action), now_);
      pass(Duration(5));
    } else if (action.kind == 'w') {
      pass(time_limit_of_all);
      recover();
    } else {
      feed(action.text, cut);
    }
  }

  void feed(const std::string& bytes, std::ptrdiff_t& cut) {
    const auto size = static_cast<std::ptrdiff_t>(bytes.size());
    if (cut < 0) {
      for (char c : bytes) piece({&c, 1});
    } else if (cut >= size) {
      piece(bytes);
      cut -= size;
    } else {
      piece(std::string_view(bytes).substr(0, static_cast<std::size_t>(cut)));
      piece(std::string_view(bytes).substr(static_cast<std::size_t>(cut)));
      cut = size_t(1) << 30;
    }
  }

  void piece(std::string_view bytes) {
    channel_.feed(bytes, now_);
    pass(Duration(1));
  }

  // The module answers the probe that follows a time-out.
  void recover() {
    pass(Duration(400));
    pass(Duration(30));
    channel_.feed("\r\nOK\r\n", now_);
    pass(Duration(300));
  }

  void pass(Duration time) {
    now_ = now_ + time;
    channel_.tick(now_);
    while (auto output = channel_.next()) note(*output);
  }

  void note(const Output& output) {
    if (const auto* event = std::get_if<Event>(&output)) log_.push_back("event " + event->line);
    const auto* done = std::get_if<Answered>(&output);
    if (!done) return;
    for (const auto& line : done->answer.lines) log_.push_back("line " + line);
    log_.push_back(done->answer.result ? done->answer.result->text : "timeout");
  }

  Channel channel_{known_reports()};
  BootTime now_{Duration(1000)};
  std::vector<std::string> log_;
};

std::size_t byte_count(const Case& dialogue) {
  std::size_t count = 0;
  for (const auto& action : dialogue.actions)
    if (action.kind == '<') count += action.text.size();
  return count;
}

class AtVectors : public testing::TestWithParam<std::string> {};

TEST_P(AtVectors, same_result_however_the_bytes_are_cut) {
  const auto cases = load(std::filesystem::path(OOBM_SOURCE_DIR) / "tests/vectors/at" / GetParam());
  ASSERT_FALSE(cases.empty());
  for (const auto& dialogue : cases) {
    ASSERT_FALSE(dialogue.expected.empty()) << dialogue.name;
    ASSERT_EQ(Replay().run(dialogue, -1), dialogue.expected) << dialogue.name << ", byte by byte";
    const auto bytes = static_cast<std::ptrdiff_t>(byte_count(dialogue));
    for (std::ptrdiff_t cut = 0; cut <= bytes; ++cut)
      ASSERT_EQ(Replay().run(dialogue, cut), dialogue.expected)
          << dialogue.name << ", cut at " << cut;
  }
}

struct Reader {
  std::string_view name;
  bool (*reads)(std::string_view line);
};

template <auto parse>
bool reads(std::string_view line) {
  return parse(line).has_value();
}

bool reads_registration_answer(std::string_view line) {
  return registration_form(line, std::nullopt) == RegistrationForm::answer &&
         parse_registration(line, RegistrationForm::answer).has_value();
}

constexpr std::array readers = std::to_array<Reader>({
    {"+CCLK", reads<parse_cclk>},
    {"+CEREG", reads_registration_answer},
    {"+CFUN", reads<parse_cfun>},
    {"+CGACT", reads<parse_cgact>},
    {"+CGDCONT", reads<parse_cgdcont>},
    {"+CLCK", reads<parse_clck>},
    {"+COPS", reads<parse_cops>},
    {"+CPIN", reads<parse_cpin>},
    {"+CSQ", reads<parse_csq>},
    {"+KBND", reads<parse_kbnd>},
    {"+KBNDCFG", reads<parse_kbndcfg>},
    {"+KCARRIERCFG", reads<parse_kcarriercfg>},
});

// Whether a parser knows the answer; test forms ("=?") list ranges in parentheses and have none.
bool understood(std::string_view line) {
  for (const auto& reader : readers)
    if (has_name(line, reader.name) && !line.contains('(')) {
      EXPECT_TRUE(reader.reads(line)) << line;
      return true;
    }
  return false;
}

bool understood_report(std::string_view line) {
  if (!has_name(line, "+CEREG")) return false;
  EXPECT_EQ(registration_form(line, 5), RegistrationForm::report) << line;
  EXPECT_TRUE(parse_registration(line, RegistrationForm::report)) << line;
  return true;
}

TEST_P(AtVectors, every_answer_with_a_parser_is_understood_and_no_report_is_taken_for_one) {
  const auto cases = load(std::filesystem::path(OOBM_SOURCE_DIR) / "tests/vectors/at" / GetParam());
  std::size_t count = 0;
  for (const auto& dialogue : cases)
    for (std::string_view outcome : dialogue.expected) {
      if (outcome.starts_with("line ")) count += understood(outcome.substr(5));
      if (outcome.starts_with("event ")) count += understood_report(outcome.substr(6));
    }
  EXPECT_GT(count, 0U);
}

INSTANTIATE_TEST_SUITE_P(Files, AtVectors,
                         testing::Values("bg96-ep06-ec200a.txt", "fragmentation.txt",
                                         "gsm-test-port.txt", "hl7800-bands.txt", "hl7800-boot.txt",
                                         "hl7802-ppp.txt", "hl78xx-expectations.txt",
                                         "nrf9160-emm11.txt"),
                         [](const auto& file) {
                           std::string name;
                           for (char c : file.param.substr(0, file.param.find('.')))
                             name += c == '-' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace oobm::hal::at
