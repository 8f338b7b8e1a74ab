// What the leak checker must not say of the MQTT library. Its receiving thread looks for the client
// of a packet by a socket that its sending thread may have closed since, and then drops the packet
// unfreed (MQTTAsync_receiveThread in Paho C 1.3.14). Nothing outside the library can prevent that;
// what our own order of destruction can prevent is tested where these lines are not linked
// (paho_client_test.cpp). All of the library's allocations pass through these two functions.

extern "C" {
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): LSan's own name
const char* __lsan_default_suppressions();
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): LSan's own name
const char* __lsan_default_suppressions() { return "leak:mymalloc\nleak:TreeAddByIndex\n"; }
}
