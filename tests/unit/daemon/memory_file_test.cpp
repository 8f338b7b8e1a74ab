#include "agent/daemon/memory_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

namespace oobm::daemon::test {
namespace {

TEST(MemoryFile, NobodyChangesIt) {
  const auto file = MemoryFile::of("test", "bundle");
  ASSERT_TRUE(file);
  EXPECT_EQ(::pwrite(file->descriptor(), "x", 1, 0), -1);
  EXPECT_EQ(::ftruncate(file->descriptor(), 0), -1);
  EXPECT_EQ(::ftruncate(file->descriptor(), 100), -1);
  EXPECT_EQ(::fcntl(file->descriptor(), F_ADD_SEALS, 0), -1);
  EXPECT_EQ(::mmap(nullptr, 1, PROT_WRITE, MAP_SHARED, file->descriptor(), 0), MAP_FAILED);
}

TEST(MemoryFile, HoldsWhatItWasMadeOf) {
  const std::string text = "bundle" + std::string(100'000, '\0') + "end";
  const auto file = MemoryFile::of("test", text);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->size(), text.size());
  std::string read(text.size() + 1, 'x');
  ASSERT_EQ(::pread(file->descriptor(), read.data(), read.size(), 0),
            static_cast<ssize_t>(text.size()));
  read.resize(text.size());
  EXPECT_TRUE(read == text);
}

}  // namespace
}  // namespace oobm::daemon::test
