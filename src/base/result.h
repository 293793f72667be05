// Result<T>: a value, or the one Error that explains why there is none.
//
// ErrorKind has six values because a caller can do six different things; the kind is the exit code of the
// programs. `id` is stable, dotted, documented and asserted in vectors ("sgx.quote.version"). `message` is for
// people, lower case, no full stop, says what was seen and what was wanted; it never holds secrets or records.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace attestml {

enum class ErrorKind : std::uint8_t {
  kUsage,        // the caller asked for something meaningless
  kMalformed,    // the bytes do not follow the format
  kUnsupported,  // well-formed, but not something this build handles
  kUntrusted,    // a signature, chain, freshness or revocation check failed
  kRejected,     // verified, and the policy says no
  kUnavailable,  // a file, device or network could not be reached
};

// ExitCode is the only copy of the exit table (2 usage … 7 unavailable; 0 is success, 1 a bug of ours).
constexpr int ExitCode(ErrorKind kind) { return 2 + static_cast<int>(kind); }

// KindName is the lower-case word for a kind: "usage", "malformed", "unsupported", "untrusted", "rejected",
// "unavailable".
std::string_view KindName(ErrorKind kind);

struct Error {
  ErrorKind kind = ErrorKind::kUsage;
  std::string id;
  std::string message;
};

// Within returns `error` with "context: " put before its message. Kind and id stay.
Error Within(std::string_view context, Error error);

inline Error Usage(std::string_view id, std::string message) {
  return {ErrorKind::kUsage, std::string(id), std::move(message)};
}
inline Error Malformed(std::string_view id, std::string message) {
  return {ErrorKind::kMalformed, std::string(id), std::move(message)};
}
inline Error Unsupported(std::string_view id, std::string message) {
  return {ErrorKind::kUnsupported, std::string(id), std::move(message)};
}
inline Error Untrusted(std::string_view id, std::string message) {
  return {ErrorKind::kUntrusted, std::string(id), std::move(message)};
}
inline Error Rejected(std::string_view id, std::string message) {
  return {ErrorKind::kRejected, std::string(id), std::move(message)};
}
inline Error Unavailable(std::string_view id, std::string message) {
  return {ErrorKind::kUnavailable, std::string(id), std::move(message)};
}

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // value() must only be called when ok(), error() only when not; both terminate otherwise.
  T& value() & { return *std::get_if<0>(&state_); }
  const T& value() const& { return *std::get_if<0>(&state_); }
  T&& value() && { return std::move(*std::get_if<0>(&state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const Error& error() const& { return *std::get_if<1>(&state_); }
  Error&& error() && { return std::move(*std::get_if<1>(&state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  const Error& error() const& { return *error_; }
  Error&& error() && { return *std::move(error_); }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

// ATTESTML_TRY(lhs, expr): evaluates a Result expression, returns its Error from the enclosing function, or assigns.
// ATTESTML_CHECK(expr): the same for an expression whose value is not needed.
#define ATTESTML_CONCAT_INNER(a, b) a##b
#define ATTESTML_CONCAT(a, b) ATTESTML_CONCAT_INNER(a, b)
#define ATTESTML_TRY(lhs, expr) ATTESTML_TRY_INNER(ATTESTML_CONCAT(attestml_result_, __LINE__), lhs, expr)
#define ATTESTML_TRY_INNER(tmp, lhs, expr)      \
  auto tmp = (expr);                            \
  if (!tmp.ok()) return std::move(tmp).error(); \
  lhs = std::move(tmp).value()
#define ATTESTML_CHECK(expr)                                    \
  do {                                                          \
    if (auto attestml_status = (expr); !attestml_status.ok()) { \
      return std::move(attestml_status).error();                \
    }                                                           \
  } while (false)

}  // namespace attestml
