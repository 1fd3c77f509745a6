// Integers as bytes. Every number on disk is little-endian; varints are LEB128, at most 5 bytes for
// 32 bits and 10 for 64, and the shortest form only (so that equal input is equal bytes).
//
// The Get functions take the number off the front of `in` and return false, `in` unchanged, if it
// is cut short or malformed.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace beachdb {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "big-endian hosts need byte swaps here");

template <typename T>
inline T LoadFixed(const char* p) {
  T v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
inline std::uint16_t LoadFixed16(const char* p) { return LoadFixed<std::uint16_t>(p); }
inline std::uint32_t LoadFixed32(const char* p) { return LoadFixed<std::uint32_t>(p); }
inline std::uint64_t LoadFixed64(const char* p) { return LoadFixed<std::uint64_t>(p); }
inline void StoreFixed16(char* p, std::uint16_t v) { std::memcpy(p, &v, sizeof v); }
inline void StoreFixed32(char* p, std::uint32_t v) { std::memcpy(p, &v, sizeof v); }
inline void StoreFixed64(char* p, std::uint64_t v) { std::memcpy(p, &v, sizeof v); }

void PutFixed16(std::string& out, std::uint16_t v);
void PutFixed32(std::string& out, std::uint32_t v);
void PutFixed64(std::string& out, std::uint64_t v);

// Write at p, return the end; p must have room for 5 (10) bytes.
char* StoreVarint32(char* p, std::uint32_t v);
char* StoreVarint64(char* p, std::uint64_t v);
int VarintLength(std::uint64_t v);

void PutVarint32(std::string& out, std::uint32_t v);
void PutVarint64(std::string& out, std::uint64_t v);
// varint32 length, then the bytes.
void PutLengthPrefixed(std::string& out, std::string_view bytes);

bool GetFixed16(std::string_view& in, std::uint16_t& v);
bool GetFixed32(std::string_view& in, std::uint32_t& v);
bool GetFixed64(std::string_view& in, std::uint64_t& v);
bool GetVarint32(std::string_view& in, std::uint32_t& v);
bool GetVarint64(std::string_view& in, std::uint64_t& v);
bool GetLengthPrefixed(std::string_view& in, std::string_view& bytes);

// The first 4 (8) bytes of a key as a number that orders as the bytes do; short keys are padded
// with zeros, so equal heads still need the full comparison.
inline std::uint32_t KeyHead32(std::string_view key) {
  if (key.size() >= 4) [[likely]]
    return __builtin_bswap32(LoadFixed32(key.data()));
  std::uint32_t v = 0;
  for (const char c : key) v = v << 8 | static_cast<unsigned char>(c);
  return key.empty() ? 0 : v << (8 * (4 - key.size()));
}
inline std::uint64_t KeyHead64(std::string_view key) {
  if (key.size() >= 8) [[likely]]
    return __builtin_bswap64(LoadFixed64(key.data()));
  std::uint64_t v = 0;
  for (const char c : key) v = v << 8 | static_cast<unsigned char>(c);
  return key.empty() ? 0 : v << (8 * (8 - key.size()));
}

}  // namespace beachdb
