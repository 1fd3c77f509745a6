#include "base/coding.h"

#include <bit>

namespace beachdb {

namespace {

template <typename T>
void PutFixed(std::string& out, T v) {
  char bytes[sizeof v];
  std::memcpy(bytes, &v, sizeof v);
  out.append(bytes, sizeof v);
}

template <typename T>
bool GetFixed(std::string_view& in, T& v) {
  if (in.size() < sizeof v) return false;
  v = LoadFixed<T>(in.data());
  in.remove_prefix(sizeof v);
  return true;
}

template <typename T>
char* StoreVarint(char* p, T v) {
  while (v >= 0x80) {
    *p++ = static_cast<char>(v | 0x80);
    v >>= 7;
  }
  *p++ = static_cast<char>(v);
  return p;
}

// 7 bits a byte, lowest first. Refused: more bits than T has, and a last byte of zero, which would
// be a second way to write the same number.
template <typename T>
bool GetVarint(std::string_view& in, T& v) {
  constexpr int kBits = 8 * sizeof(T);
  constexpr std::size_t kMaxBytes = (kBits + 6) / 7;
  T value = 0;
  for (std::size_t i = 0; i < in.size() && i < kMaxBytes; ++i) {
    const auto byte = static_cast<unsigned char>(in[i]);
    const int shift = static_cast<int>(7 * i);
    const T bits = byte & 0x7f;
    if (shift + 7 > kBits && (bits >> (kBits - shift)) != 0) return false;
    value |= bits << shift;
    if (byte < 0x80) {
      if (byte == 0 && i > 0) return false;
      v = value;
      in.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

}  // namespace

void PutFixed16(std::string& out, std::uint16_t v) { PutFixed(out, v); }
void PutFixed32(std::string& out, std::uint32_t v) { PutFixed(out, v); }
void PutFixed64(std::string& out, std::uint64_t v) { PutFixed(out, v); }

char* StoreVarint32(char* p, std::uint32_t v) { return StoreVarint(p, v); }
char* StoreVarint64(char* p, std::uint64_t v) { return StoreVarint(p, v); }

int VarintLength(std::uint64_t v) { return (std::bit_width(v | 1) + 6) / 7; }

void PutVarint32(std::string& out, std::uint32_t v) { PutVarint64(out, v); }

void PutVarint64(std::string& out, std::uint64_t v) {
  char bytes[10];
  out.append(bytes, static_cast<std::size_t>(StoreVarint64(bytes, v) - bytes));
}

void PutLengthPrefixed(std::string& out, std::string_view bytes) {
  PutVarint32(out, static_cast<std::uint32_t>(bytes.size()));
  out.append(bytes);
}

bool GetFixed16(std::string_view& in, std::uint16_t& v) { return GetFixed(in, v); }
bool GetFixed32(std::string_view& in, std::uint32_t& v) { return GetFixed(in, v); }
bool GetFixed64(std::string_view& in, std::uint64_t& v) { return GetFixed(in, v); }
bool GetVarint32(std::string_view& in, std::uint32_t& v) { return GetVarint(in, v); }
bool GetVarint64(std::string_view& in, std::uint64_t& v) { return GetVarint(in, v); }

bool GetLengthPrefixed(std::string_view& in, std::string_view& bytes) {
  std::string_view rest = in;
  std::uint32_t size = 0;
  if (!GetVarint32(rest, size) || size > rest.size()) return false;
  bytes = rest.substr(0, size);
  in = rest.substr(size);
  return true;
}

}  // namespace beachdb
