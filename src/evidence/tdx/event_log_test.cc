#include "evidence/tdx/event_log.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/byte_writer.h"
#include "crypto/digest.h"

namespace attestml::evidence::tdx {
namespace {

using Algorithms = std::vector<std::pair<std::uint16_t, std::uint16_t>>;
constexpr std::uint16_t kSha256 = 0x000b;
constexpr std::uint16_t kSha384 = 0x000c;
constexpr std::uint32_t kNoAction = 3;
constexpr std::uint32_t kSeparator = 4;

// A log by its parts; every count and size can be a lie.
struct Header {
  std::string signature = std::string("Spec ID Event03\0", 16);
  Algorithms algorithms = {{kSha256, 32}, {kSha384, 48}};
  std::optional<std::uint32_t> count;
  std::uint8_t vendor_size = 2;
  Bytes vendor = {1, 2};
  int size_off_by = 0;

  Bytes Encode() const {
    ByteWriter event;
    event.WriteText(signature);
    event.WriteBytes(Bytes(8, 0));
    event.WriteU32Le(count.value_or(static_cast<std::uint32_t>(algorithms.size())));
    for (const auto& [algorithm, size] : algorithms) {
      event.WriteU16Le(algorithm);
      event.WriteU16Le(size);
    }
    event.WriteU8(vendor_size);
    event.WriteBytes(vendor);
    const Bytes data = std::move(event).Take();
    ByteWriter out;
    out.WriteU32Le(0);
    out.WriteU32Le(kNoAction);
    out.WriteBytes(Bytes(20, 0));
    out.WriteU32Le(static_cast<std::uint32_t>(static_cast<int>(data.size()) + size_off_by));
    out.WriteBytes(data);
    return std::move(out).Take();
  }
};

struct Event {
  std::uint32_t index = 1;
  std::uint32_t type = kSeparator;
  std::vector<std::pair<std::uint16_t, Bytes>> digests = {{kSha256, Bytes(32, 1)}, {kSha384, Bytes(48, 2)}};
  std::optional<std::uint32_t> count;
  Bytes data = {9};
  int size_off_by = 0;

  Bytes Encode() const {
    ByteWriter out;
    out.WriteU32Le(index);
    out.WriteU32Le(type);
    out.WriteU32Le(count.value_or(static_cast<std::uint32_t>(digests.size())));
    for (const auto& [algorithm, digest] : digests) {
      out.WriteU16Le(algorithm);
      out.WriteBytes(digest);
    }
    out.WriteU32Le(static_cast<std::uint32_t>(static_cast<int>(data.size()) + size_off_by));
    out.WriteBytes(data);
    return std::move(out).Take();
  }
};

Bytes Join(std::initializer_list<Bytes> parts) {
  Bytes out;
  for (const Bytes& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

Measurement Extended(const Measurement& rtmr, const Bytes& digest) {
  Bytes both(rtmr.begin(), rtmr.end());
  both.insert(both.end(), digest.begin(), digest.end());
  return crypto::Sha384(both);
}

// "id: message", "" when it is read.
std::string Refusal(const Bytes& log) {
  const auto replayed = ReplayEventLog(log);
  return replayed.ok() ? "" : replayed.error().id + ": " + replayed.error().message;
}

TEST(EventLog, ReplaysEachRegister) {
  Event second;
  second.index = 2;
  Event fourth;
  fourth.index = 4;
  fourth.digests = {{kSha384, Bytes(48, 7)}};
  Event noted;
  noted.index = 3;
  noted.type = kNoAction;
  const Bytes log = Join({Header().Encode(), Event().Encode(), Event().Encode(), second.Encode(), noted.Encode(),
                          fourth.Encode(), Bytes(50, 0xff)});
  EXPECT_TRUE(LooksLikeEventLog(log));
  const auto replayed = ReplayEventLog(log);
  ASSERT_TRUE(replayed.ok()) << replayed.error().message;
  EXPECT_EQ(replayed->num_events, 6U);
  EXPECT_EQ(replayed->rtmr[0], Extended(Extended({}, Bytes(48, 2)), Bytes(48, 2)));
  EXPECT_EQ(replayed->rtmr[1], Extended({}, Bytes(48, 2)));
  EXPECT_EQ(replayed->rtmr[2], Measurement{});
  EXPECT_EQ(replayed->rtmr[3], Extended({}, Bytes(48, 7)));
}

TEST(EventLog, Headers) {
  const auto with = [](const std::function<void(Header&)>& change) {
    Header header;
    change(header);
    return Refusal(header.Encode());
  };
  const std::string id = "tdx.event_log.header: ";
  EXPECT_EQ(with([](Header&) {}), "");
  EXPECT_EQ(with([](Header& h) { h.vendor = {}, h.vendor_size = 0; }), "");
  const std::string old = id + "the first event does not describe a crypto-agile log";
  EXPECT_EQ(with([](Header& h) { h.signature[14] = '2'; }), old);
  EXPECT_EQ(with([](Header& h) { h.signature[15] = ' '; }), old);
  EXPECT_EQ(with([](Header& h) { h.algorithms.clear(); }), id + "0 digest algorithms, want 1 to 8");
  EXPECT_EQ(with([](Header& h) {
              for (std::uint16_t i = 0; i < 7; ++i) h.algorithms.push_back({i, 20});
            }),
            id + "9 digest algorithms, want 1 to 8");
  EXPECT_EQ(with([](Header& h) { h.count = 8; }), id + "the list of digests is cut short");
  EXPECT_EQ(with([](Header& h) { h.algorithms[0].second = 0; }), id + "digest algorithm 11 of 0 bytes, or twice");
  EXPECT_EQ(with([](Header& h) { h.algorithms[0].second = 64; }), "");
  EXPECT_EQ(with([](Header& h) { h.algorithms[0].second = 65; }), id + "digest algorithm 11 of 65 bytes, or twice");
  EXPECT_EQ(with([](Header& h) {
              h.algorithms.push_back({kSha256, 32});
            }),
            id + "digest algorithm 11 of 32 bytes, or twice");
  const std::string vendor = id + "vendor information does not end where the first event does";
  EXPECT_EQ(with([](Header& h) { h.vendor_size = 3; }), vendor);
  EXPECT_EQ(with([](Header& h) { h.vendor_size = 1; }), vendor);
  const std::string none = id + "the log has no SHA-384 digests";
  EXPECT_EQ(with([](Header& h) { h.algorithms.pop_back(); }), none);
  EXPECT_EQ(with([](Header& h) { h.algorithms[1].second = 32; }), none);
  EXPECT_EQ(with([](Header& h) { h.size_off_by = 1; }), id + "the log ends inside its header");

  // Every length: past the first 28 bytes the event is shorter than it says, before that there is none.
  const Bytes whole = Header().Encode();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(Refusal(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))),
              id + "the log ends inside its header")
        << size;
  }
  // And an event that is as short as it says.
  for (std::size_t size = 0; size + 32 < whole.size(); ++size) {
    Bytes shorter(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(32 + size));
    shorter[28] = static_cast<std::uint8_t>(size);
    const std::string refusal = Refusal(shorter);
    const std::string want = size < 28 ? old : size < 36 ? id + "the list of digests is cut short" : vendor;
    EXPECT_EQ(refusal, want) << size;
  }
}

TEST(EventLog, Events) {
  const auto with = [](const std::function<void(Event&)>& change) {
    Event event;
    change(event);
    return Refusal(Join({Header().Encode(), event.Encode(), Event().Encode()}));
  };
  const std::string digest = "tdx.event_log.digest: ";
  EXPECT_EQ(with([](Event&) {}), "");
  EXPECT_EQ(with([](Event& e) { e.digests.clear(); }), digest + "an event has no digests, or too many");
  EXPECT_EQ(with([](Event& e) { e.count = 9; }), digest + "an event has no digests, or too many");
  EXPECT_EQ(with([](Event& e) { e.digests[0].first = 4; }),
            digest + "digest algorithm 4 is not among those of the header");
  EXPECT_EQ(with([](Event& e) {
              e.digests.push_back({kSha384, Bytes(48, 3)});
            }),
            digest + "an event has two SHA-384 digests");
  EXPECT_EQ(with([](Event& e) { e.digests.pop_back(); }), digest + "an event has no SHA-384 digest");
  for (const std::uint32_t index : {0U, 5U, 0x80000001U}) {
    EXPECT_EQ(with([&](Event& e) { e.index = index; }), "tdx.event_log.register: an event extends register " +
                                                            std::to_string(index) + ", want 1 to 4 (RTMR0 to RTMR3)");
  }
  const std::string cut = "tdx.event_log.event: an event runs past the end of the log";
  Event last;
  last.size_off_by = 1;
  EXPECT_EQ(Refusal(Join({Header().Encode(), last.Encode()})), cut);
  last.size_off_by = 0x7fffffff - 1;
  EXPECT_EQ(Refusal(Join({Header().Encode(), last.Encode()})), cut);

  // Every length of the last event but none of it.
  const Bytes event = Event().Encode();
  for (std::size_t size = 1; size < event.size(); ++size) {
    const std::string refusal =
        Refusal(Join({Header().Encode(), Bytes(event.begin(), event.begin() + static_cast<std::ptrdiff_t>(size))}));
    const std::string want = size < 8                       ? "tdx.event_log.trailing: "
                             : size < event.size() - 5 - 48 ? "tdx.event_log.digest: "
                             : size < event.size() - 5      ? digest + "an event's digests are cut short"
                                                            : cut;
    EXPECT_EQ(refusal.substr(0, want.size()), want) << size;
  }
}

TEST(EventLog, WhatFollows) {
  const Bytes log = Join({Header().Encode(), Event().Encode()});
  for (const Bytes& good : {Bytes(), Bytes(3, 0xff), Bytes(100, 0xff), Bytes(3, 0), Bytes(100, 0)}) {
    EXPECT_EQ(Refusal(Join({log, good})), "") << good.size();
  }
  Bytes ones(100, 0xff);
  ones.back() = 0;
  Bytes zeros(100, 0);
  zeros[60] = 1;
  for (const Bytes& bad : {ones, zeros, Join({Bytes(4, 0xff), Event().Encode()})}) {
    EXPECT_EQ(Refusal(Join({log, bad})),
              "tdx.event_log.trailing: " + std::to_string(bad.size()) + " bytes after the last event");
  }
  Bytes large = log;
  large.resize(std::size_t{1} << 20, 0xff);
  EXPECT_EQ(Refusal(large), "");
  large.push_back(0xff);
  EXPECT_EQ(Refusal(large), "tdx.event_log.size: event log of 1048577 bytes, want at most 1048576");
}

TEST(EventLog, Recognition) {
  const Bytes header = Header().Encode();
  EXPECT_TRUE(LooksLikeEventLog(Bytes(header.begin(), header.begin() + 48)));
  EXPECT_FALSE(LooksLikeEventLog(Bytes(header.begin(), header.begin() + 47)));
  Bytes other = header;
  other[32] = 's';
  EXPECT_FALSE(LooksLikeEventLog(other));
  EXPECT_FALSE(LooksLikeEventLog({}));
}

}  // namespace
}  // namespace attestml::evidence::tdx
