// Puts WorkMeter into a test program: included by one of its files, exactly.
#pragma once

#define OPENSSL_SUPPRESS_DEPRECATED
#include <gtest/gtest.h>
#include <malloc.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <cstdlib>
#include <new>

#include "crypto/work_for_test.h"

namespace attestml::test {
namespace {

thread_local bool counting = false;
thread_local std::ptrdiff_t live = 0;
thread_local Work work;

void Took(void* p) {
  if (!counting || p == nullptr) return;
  const std::size_t size = malloc_usable_size(p);
  live += static_cast<std::ptrdiff_t>(size);
  work.total += size;
  work.peak = std::max(work.peak, static_cast<std::size_t>(std::max<std::ptrdiff_t>(live, 0)));
}

void Gave(void* p) {
  if (counting && p != nullptr) live -= static_cast<std::ptrdiff_t>(malloc_usable_size(p));
}

void* Take(std::size_t size) {
  void* p = std::malloc(size == 0 ? 1 : size);
  Took(p);
  return p;
}

void Give(void* p) {
  Gave(p);
  std::free(p);
}

int (*openssl_verify_sig)(const unsigned char*, int, const ECDSA_SIG*, EC_KEY*) = nullptr;
int (*openssl_rsa_public)(int, const unsigned char*, unsigned char*, RSA*, int) = nullptr;

int CountedVerify(const unsigned char* digest, int size, const ECDSA_SIG* signature, EC_KEY* key) {
  if (counting) ++work.signatures;
  return openssl_verify_sig(digest, size, signature, key);
}

int CountedRsa(int size, const unsigned char* from, unsigned char* to, RSA* rsa, int padding) {
  if (counting) ++work.signatures;
  return openssl_rsa_public(size, from, to, rsa, padding);
}

// Before anything else in this program uses OpenSSL: it takes no other allocator once it has allocated, and keys keep
// the methods they were made with.
[[gnu::constructor(101)]] void Install() {
  const int installed =
      CRYPTO_set_mem_functions([](std::size_t size, const char*, int) { return size == 0 ? nullptr : Take(size); },
                               [](void* p, std::size_t size, const char*, int) -> void* {
                                 Gave(p);
                                 p = std::realloc(p, size);
                                 Took(p);
                                 return p;
                               },
                               [](void* p, const char*, int) { Give(p); });
  if (installed != 1) std::abort();

  EC_KEY_METHOD* ec = EC_KEY_METHOD_new(EC_KEY_OpenSSL());
  int (*verify)(int, const unsigned char*, int, const unsigned char*, int, EC_KEY*) = nullptr;
  EC_KEY_METHOD_get_verify(ec, &verify, &openssl_verify_sig);
  EC_KEY_METHOD_set_verify(ec, verify, CountedVerify);
  EC_KEY_set_default_method(ec);

  RSA_METHOD* rsa = RSA_meth_dup(RSA_PKCS1_OpenSSL());
  openssl_rsa_public = RSA_meth_get_pub_dec(rsa);
  RSA_meth_set_pub_dec(rsa, CountedRsa);
  RSA_set_default_method(rsa);
}

}  // namespace

WorkMeter::WorkMeter() {
  if (counting) std::abort();
  work = {};
  live = 0;
  counting = true;
}

WorkMeter::~WorkMeter() { counting = false; }

Work WorkMeter::Read() const { return work; }

WorkBound::~WorkBound() {
  const Work done = meter_.Read();
  EXPECT_LE(done.peak, kMaxBytes);
  EXPECT_LE(done.signatures, kMaxSignatures);
}

}  // namespace attestml::test

// Of this program alone, and all of them but the aligned ones, which come in pairs of their own: under a sanitizer what
// one of these took must not be given back by another's partner.
void* operator new(std::size_t size) {
  void* p = attestml::test::Take(size);
  if (p == nullptr) std::abort();
  return p;
}
void* operator new[](std::size_t size) { return operator new(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return attestml::test::Take(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return attestml::test::Take(size); }
void operator delete(void* p) noexcept { attestml::test::Give(p); }
void operator delete[](void* p) noexcept { attestml::test::Give(p); }
void operator delete(void* p, std::size_t) noexcept { attestml::test::Give(p); }
void operator delete[](void* p, std::size_t) noexcept { attestml::test::Give(p); }
void operator delete(void* p, const std::nothrow_t&) noexcept { attestml::test::Give(p); }
void operator delete[](void* p, const std::nothrow_t&) noexcept { attestml::test::Give(p); }
