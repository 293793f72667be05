// AMD's product lines, and how each lays out the eight bytes of a TCB_VERSION.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace attestml::evidence::snp {

// One root key (ARK) each. Genoa's also serves Bergamo and Siena.
enum class ProductLine : std::uint8_t { kMilan, kGenoa, kTurin };

std::string_view ProductLineName(ProductLine line);  // "Milan", "Genoa", "Turin"

// From the combined family and model of CPUID_EAX 0000_0001, as report versions 3 and up hold them.
std::optional<ProductLine> ProductLineOfCpuid(std::uint8_t family, std::uint8_t model);

// From a name of AMD's, with or without a stepping: "Milan-B0", "Genoa", "Siena", "Bergamo", "Turin".
std::optional<ProductLine> ProductLineOfName(std::string_view name);

// TCB_VERSION (56860, chapter "TCB Version"): security version numbers of the parts of the firmware, one a byte.
using TcbVersion = std::array<std::uint8_t, 8>;

// TcbPart is one byte of it. `oid` is the last arc of the certificate extension 1.3.6.1.4.1.3704.1.3.n that holds the
// same number (57230, "VCEK and VLEK certificate extensions"); those of reserved bytes exist, too, and are zero.
struct TcbPart {
  std::string_view name;  // "microcode"; "" where the byte is reserved
  unsigned oid = 0;
};

// The eight parts in the order of the bytes.
std::span<const TcbPart, 8> TcbParts(ProductLine line);

// "bootloader 4, tee 0, snp 24, microcode 219".
std::string TcbText(const TcbVersion& tcb, ProductLine line);

}  // namespace attestml::evidence::snp
