# Cross build for the router: 64-bit ARM, Cortex-A53. Debian's cross compiler with a sysroot of Debian's arm64 packages,
# which ./dev makes and mounts at the path below; tests run under qemu-user.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_SYSROOT /sysroot/aarch64)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)

set(CMAKE_FIND_ROOT_PATH "${CMAKE_SYSROOT}")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# Return addresses are signed (PAC), and an indirect jump ends the program unless it lands where one may (BTI): on processors
# that can, others take these instructions for none. The linker marks a program as guarded only where all that is in it,
# Debian's archives included, was compiled so; tests/target/check_ipk.py looks for the mark.
set(CMAKE_C_FLAGS_INIT "-mcpu=cortex-a53 -mbranch-protection=standard")
set(CMAKE_CXX_FLAGS_INIT "-mcpu=cortex-a53 -mbranch-protection=standard")

# Debian's cross compiler brings a C library of its own, older than the sysroot's by its security updates, and the linker looks
# there first: for the objects that a program begins with, for what is inside even a dynamic one (libc_nonshared.a), and for
# libc.a. toolchains/dev/sbom.py refuses what comes from there. Not in CMAKE_*_FLAGS_INIT, which a build folder heeds but once.
add_link_options("-B${CMAKE_SYSROOT}/usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}")

# Named explicitly: binfmt_misc may not be mounted where tests run. A processor that keeps the guards, so that tests meet
# them; with a signature of QEMU's own, since the architecture's takes an emulator long.
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static -cpu max,pauth-impdef=on -L "${CMAKE_SYSROOT}")
