// What the impairer reads in a packet, and what its forged resets say.
#include <gtest/gtest.h>

#include "tests/unit/net/packets.hpp"

namespace oobm::netbench::test {
namespace {

TEST(ImpairerPacket, WhatIsNoWholeIpv4PacketIsNotRead) {
  EXPECT_FALSE(parse({}));
  auto bytes = Segment{}.bytes();
  EXPECT_FALSE(parse(BytesView(bytes).first(19)));
  EXPECT_FALSE(parse(BytesView(bytes).first(39))) << "shorter than it says";
  auto six = bytes;
  six[0] = 0x65;
  EXPECT_FALSE(parse(six));
  auto no_header = bytes;
  no_header[0] = 0x44;
  EXPECT_FALSE(parse(no_header));
}

TEST(ImpairerPacket, AFragmentHasNoPorts) {
  auto bytes = Segment{}.bytes();
  bytes[7] = 8;
  const auto packet = parse(bytes);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->destination_port, 0);
}

TEST(ImpairerPacket, ASegmentIsReadWhole) {
  const auto packet = parse(Segment{.flags = tcp_ack | tcp_fin, .payload = 100}.bytes());
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->source, router);
  EXPECT_EQ(packet->destination, broker);
  EXPECT_EQ(packet->source_port, 40'000);
  EXPECT_EQ(packet->destination_port, 8'883);
  EXPECT_EQ(packet->sequence, 1'000U);
  EXPECT_EQ(packet->acknowledgement, 5'000U);
  EXPECT_EQ(packet->length, 101U);
}

// RFC 1071 section 3: its own example.
TEST(ImpairerPacket, TheChecksumIsThatOfTheStandard) {
  const Bytes bytes{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
  EXPECT_EQ(checksum(bytes), static_cast<std::uint16_t>(~0xddf2U));
  EXPECT_EQ(checksum(Bytes{0x01}), static_cast<std::uint16_t>(~0x0100U));
}

void expect_sound(const Bytes& reset) {
  EXPECT_EQ(checksum(BytesView(reset).first(20)), 0) << "of the IP header";
  EXPECT_EQ(tcp_checksum(reset), 0);
}

TEST(ImpairerPacket, AResetOnwardsTakesThePlaceOfThePacket) {
  const auto reset = reset_onwards(*parse(Segment{.payload = 100}.bytes()));
  expect_sound(reset);
  const auto read = parse(reset);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->destination, broker);
  EXPECT_EQ(read->flags, tcp_rst | tcp_ack);
  EXPECT_EQ(read->sequence, 1'000U) << "what the receiver expects next";
}

TEST(ImpairerPacket, AResetBackIsWhatTheSenderExpectsNext) {
  const auto reset = reset_back(*parse(Segment{.payload = 100}.bytes()));
  expect_sound(reset);
  const auto read = parse(reset);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->source, broker);
  EXPECT_EQ(read->source_port, 8'883);
  EXPECT_EQ(read->destination, router);
  EXPECT_EQ(read->destination_port, 40'000);
  EXPECT_EQ(read->sequence, 5'000U);
  EXPECT_EQ(read->acknowledgement, 1'100U);
}

TEST(ImpairerPacket, AResetOfASynAcknowledgesIt) {
  const auto read =
      parse(reset_back(*parse(Segment{.flags = tcp_syn, .acknowledgement = 77}.bytes())));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->sequence, 0U);
  EXPECT_EQ(read->acknowledgement, 1'001U);
  EXPECT_EQ(read->flags, tcp_rst | tcp_ack);
}

}  // namespace
}  // namespace oobm::netbench::test
