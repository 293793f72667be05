#include "evidence/sgx/sigstruct.h"

#include <string>

#include "base/byte_reader.h"

namespace attestml::evidence::sgx {
namespace {

constexpr std::array<std::uint8_t, 16> kHeader = {0x06, 0, 0, 0, 0xe1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0};
constexpr std::array<std::uint8_t, 16> kSecondHeader = {0x01, 0x01, 0, 0, 0x60, 0, 0, 0, 0x60, 0, 0, 0, 0x01, 0, 0, 0};
constexpr std::size_t kModulusSize = 384;
constexpr std::uint8_t kDebug = 0x02;

}  // namespace

bool Sigstruct::may_debug() const { return (attributes[0] & kDebug) != 0 || (attribute_mask[0] & kDebug) == 0; }

Result<Sigstruct> ParseSigstruct(BytesView bytes) {
  if (bytes.size() != kSigstructSize) {
    return Malformed("sgx.sigstruct.size", "a SIGSTRUCT of " + std::to_string(bytes.size()) + " bytes, want " +
                                               std::to_string(kSigstructSize));
  }
  Sigstruct out;
  ByteReader in(bytes);
  std::array<std::uint8_t, 16> header;
  std::array<std::uint8_t, 16> second;
  std::uint32_t vendor = 0;
  std::uint32_t exponent = 0;
  BytesView defined;  // by the software
  BytesView first_reserved;
  BytesView modulus;
  BytesView signature;
  BytesView misc;
  BytesView key_separation;
  BytesView extended_id;
  BytesView last_reserved;
  const bool whole =
      in.ReadArray(&header) && in.ReadU32Le(&vendor) && in.ReadU32Le(&out.date) && in.ReadArray(&second) &&
      in.ReadBytes(4, &defined) && in.ReadBytes(84, &first_reserved) && in.ReadBytes(kModulusSize, &modulus) &&
      in.ReadU32Le(&exponent) && in.ReadBytes(kModulusSize, &signature) && in.ReadBytes(8, &misc) &&
      in.ReadBytes(20, &key_separation) && in.ReadArray(&out.attributes) && in.ReadArray(&out.attribute_mask) &&
      in.ReadArray(&out.mrenclave) && in.ReadBytes(32, &extended_id) && in.ReadU16Le(&out.isv_prod_id) &&
      in.ReadU16Le(&out.isv_svn) && in.ReadBytes(12, &last_reserved);
  if (!whole || header != kHeader || second != kSecondHeader) {
    return Malformed("sgx.sigstruct.header", "not an enclave's signature: its headers are others");
  }
  if (exponent != 3) {
    return Malformed("sgx.sigstruct.exponent", "the signer's exponent is " + std::to_string(exponent) + ", want 3");
  }
  // What lies between the others belongs to CET and to key separation, where an enclave has them.
  if (!AllZero(first_reserved) || !AllZero(last_reserved)) {
    return Malformed("sgx.sigstruct.reserved", "reserved bytes of a SIGSTRUCT are not zero");
  }
  out.mrsigner = crypto::Sha256(modulus);
  return out;
}

}  // namespace attestml::evidence::sgx
