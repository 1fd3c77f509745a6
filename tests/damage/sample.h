// Small databases to be damaged: the bytes of their directory, and what they must answer.
//
// Thread safety: a sample is immutable once made.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "beachdb/options.h"
#include "tests/damage/image_file_system.h"

namespace beachdb {

using Model = std::map<std::string, std::string>;

struct Sample {
  std::string name;
  Options options;  // that it was made with, and is opened with; without an environment
  Image image;
  Model answers;  // what it holds
  // What it held after each commit, by the last seqno of the commit.
  std::map<std::uint64_t, Model> states;
  std::vector<Image> earlier;     // the directory at earlier moments of its life
  std::vector<std::string> keys;  // every key that was ever written, and some that never were

  std::uint64_t SizeOf(const std::string& file) const { return image.at(file).size; }
  // All of a file; its unused space too.
  std::string Bytes(const std::string& file) const;
  // The name that CURRENT leads to.
  std::string LiveManifest() const;
};

// One of each kind: in logs only, in tables of several levels, both, compressed or not, with old
// versions and tombstones, with every leftover that a crash may leave. `seed` decides identity and
// contents; two samples of different seeds and one name differ in both, but have the same files.
std::vector<Sample> MakeSamples(std::uint64_t seed = 1);
// A database of some hundred KB: tables with many blocks, several tables in a level.
Sample MakeLargeSample(std::uint64_t seed = 1);

// The image with the bytes of one file replaced.
Image With(const Image& image, const std::string& file, std::string bytes);
// With one bit flipped; cut, or continued with zeros, at `size`.
Image WithFlip(const Image& image, const std::string& file, std::uint64_t at, unsigned bit);
Image WithSize(const Image& image, const std::string& file, std::uint64_t size);
Image Without(const Image& image, const std::string& file);

}  // namespace beachdb
