// Pages of docs/ of which parts are made from tables in the code. What stands between
// "<!-- made from the tables: NAME -->" and "<!-- end -->" is replaced (write) or compared (check).
#pragma once

#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace oobm::test {

struct MadePart {
  const char* page;
  const char* name;
  std::string (*make)();
};

inline std::string page_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The page with this part made anew; nothing where the page has no place for it.
inline std::optional<std::string> renewed(std::string page, const MadePart& part) {
  const std::string begin = "<!-- made from the tables: " + std::string(part.name) + " -->\n";
  const auto from = page.find(begin);
  if (from == std::string::npos) return std::nullopt;
  const auto to = page.find("<!-- end -->", from);
  if (to == std::string::npos) return std::nullopt;
  const auto start = from + begin.size();
  return page.replace(start, to - start, "\n" + part.make() + "\n");
}

// False when the page has no such part or, unless it is to be written, when the part is stale.
inline bool keep_made(const std::string& folder, const MadePart& part, bool write,
                      const char* program) {
  const std::string path = folder + "/" + part.page;
  const std::string page = page_text(path);
  const auto fresh = renewed(page, part);
  if (!fresh) {
    std::printf("%s has no place for the part \"%s\"\n", path.c_str(), part.name);
    return false;
  }
  if (*fresh == page) return true;
  if (!write) {
    std::printf("%s is stale: its part \"%s\" differs from the tables; run %s write %s\n",
                path.c_str(), part.name, program, folder.c_str());
    return false;
  }
  std::ofstream(path, std::ios::binary) << *fresh;
  return true;
}

// main() of a program "PROGRAM check|write DOCS-FOLDER".
inline int made_pages_main(int argc, char** argv, std::span<const MadePart> parts,
                           const char* program) {
  const std::string_view verb = argc == 3 ? argv[1] : "";
  if (verb != "check" && verb != "write") {
    std::fprintf(stderr, "usage: %s check|write DOCS-FOLDER\n", program);
    return 2;
  }
  bool good = true;
  for (const auto& part : parts) good = keep_made(argv[2], part, verb == "write", program) && good;
  return good ? 0 : 1;
}

}  // namespace oobm::test
