# Standalone Asio: the event loop, timers, serial ports and local sockets. Headers only.
include_guard(GLOBAL)
oobm_header_library(oobm::asio asio.hpp libasio-dev)
set_property(TARGET oobm::asio APPEND PROPERTY INTERFACE_COMPILE_DEFINITIONS ASIO_STANDALONE ASIO_NO_DEPRECATED)
set_property(TARGET oobm::asio APPEND PROPERTY INTERFACE_LINK_LIBRARIES Threads::Threads)
