// Whatever a file server gives for a manifest: the reader stays within its bounds, and believes
// nothing that the right key has not signed. With a leading 'S' the rest is signed first, as
// claims, so that their reader is reached too: what it then accepts holds what it must hold, and
// the rules for a package come to a verdict.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "agent/alms/package_manifest.hpp"
#include "tests/fuzz/require.hpp"
#include "tests/unit/alms/signer.hpp"

namespace {

using namespace oobm;
using fuzz::require;

const alms::testing::Signer& signer() {
  static const alms::testing::Signer one("package");
  return one;
}

void check_claims(const core::PackageManifest& manifest) {
  require(manifest.issuer == "na", "the issuer is the router's own instance");
  require(manifest.size > 0, "there is no empty package");
  require(manifest.sha256.size() == 64, "a SHA-256 has 64 digits");
  require(core::Version::parse(manifest.version.str()) == manifest.version,
          "a version reads as itself");
  const core::PackageGround ground{.architecture = "aarch64",
                                   .running = core::Version::parse("0.1.0").value(),
                                   .floor = {},
                                   .floor_time = {}};
  const auto judged =
      core::judge_package(manifest, {"oobm-agent", manifest.version.str(), "https://x/y"}, ground);
  if (judged) {
    require(manifest.size <= core::max_package_bytes, "what may be installed is bounded");
    require(manifest.version >= ground.running || manifest.downgrade, "nothing goes back unasked");
  } else {
    require(judged.error().detail.size() <= 200, "words are bounded");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto keys = std::span(&signer().key(), 1);
  require(!alms::verify_package_manifest(bytes, "na", keys), "nobody guesses a signature");
  require(!alms::is_signed_by_one_of(bytes, keys), "whichever way it is looked at");
  if (!bytes.starts_with('S')) return 0;
  const auto& header = signer().header("oobm-package");
  const auto signed_text = signer().sign_text(header.dump(), bytes.substr(1));
  const auto manifest = alms::verify_package_manifest(signed_text, "na", keys);
  require(!manifest || alms::is_signed_by_one_of(signed_text, keys), "what holds was signed");
  if (manifest) check_claims(*manifest);
  return 0;
}
