// Owning pointers to OpenSSL's objects: std::unique_ptr<X509, Deleter<X509_free>>.
#pragma once

#include <memory>

namespace attestml::crypto {

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* p) const {
    Free(p);
  }
};

}  // namespace attestml::crypto
