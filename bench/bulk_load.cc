#include "bench/bulk_load.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "base/aligned_buffer.h"
#include "base/try.h"
#include "beachdb/bulk_load.h"
#include "beachdb/db.h"
#include "bench/records.h"

namespace beachdb::bench {
namespace {

constexpr std::size_t kPiece = 1u << 20;

class Watch {
 public:
  double Seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

Error Failed(const std::string& path) {
  return {Code::kIoError, fmt::format("{}: {}", path, std::strerror(errno))};
}

Result<double> WritePlainly(const std::string& path, std::uint64_t bytes, ValueMaker& values) {
  AlignedBuffer piece(kPiece);
  const std::string key(kKeyBytes, 'k');
  for (std::size_t at = 0; at < kPiece;) {
    const std::string_view value = values.Make(key, at);
    const std::size_t part = std::min(value.size(), kPiece - at);
    std::memcpy(piece.data() + at, value.data(), part);
    at += part;
  }
  constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
  int fd = ::open(path.c_str(), kFlags | O_DIRECT, 0644);
  if (fd < 0 && errno == EINVAL) fd = ::open(path.c_str(), kFlags, 0644);  // as BeachDB does
  if (fd < 0) return Failed(path);
  const Watch watch;
  bool written = true;
  for (std::uint64_t at = 0; written && at < bytes; at += kPiece) {
    written = ::write(fd, piece.data(), kPiece) == static_cast<ssize_t>(kPiece);
  }
  written = written && ::fsync(fd) == 0;
  const double seconds = watch.Seconds();
  const Error error = Failed(path);
  ::close(fd);
  if (!written) return error;
  return seconds;
}

Status ReadBack(Db& db, const Settings& settings) {
  RecordChecker checker(settings.value_bytes);
  checker.BeginWalk(RecordChecker::Order::kAscending);
  Iterator it = db.NewIterator({});
  for (it.SeekToFirst(); it.Valid(); it.Next()) checker.Visit(it.key(), it.value());
  RETURN_IF_ERROR(it.status());
  if (checker.wrong() == 0 && checker.records() == settings.keys) return OkStatus();
  return Error(Code::kCorruption,
               fmt::format("loaded {} records, read {}, of them wrong: {} {}", settings.keys,
                           checker.records(), checker.wrong(), checker.first_wrong()));
}

Result<double> Load(Db& db, const Settings& settings) {
  const KeySpace keys(settings.key_shape, settings.keys);
  ValueMaker values(settings.value_bytes, settings.seed);
  const Watch watch;
  ASSIGN_OR_RETURN(BulkLoad load, db.NewBulkLoad());
  for (std::uint64_t i = 0; i < settings.keys; ++i) {
    const Key key = keys.At(i);
    RETURN_IF_ERROR(load.Add(key.view(), values.Make(key.view(), i)));
  }
  RETURN_IF_ERROR(load.Commit());
  return watch.Seconds();
}

Result<LoadRound> MeasureRound(const Settings& settings, const std::string& folder) {
  Options options;
  options.memory_budget = settings.store.cache_bytes;
  options.write_buffer = settings.store.write_buffer_bytes;
  options.compression = options.bottom_compression =
      settings.store.packing == Packing::kLz4 ? Compression::kLz4 : Compression::kNone;
  LoadRound round;
  {
    ASSIGN_OR_RETURN(Db db, Db::Open(folder + "/db", options));
    ASSIGN_OR_RETURN(round.load_seconds, Load(db, settings));
    for (const auto& level : db.GetStats().levels) round.table_bytes += level.bytes;
    RETURN_IF_ERROR(ReadBack(db, settings));
    RETURN_IF_ERROR(db.Close());
  }
  ValueMaker values(settings.value_bytes, settings.seed);
  ASSIGN_OR_RETURN(round.device_seconds,
                   WritePlainly(folder + "/plain", round.table_bytes, values));
  return round;
}

}  // namespace

Result<std::vector<LoadRound>> MeasureLoads(const Settings& settings, int rounds,
                                            const std::string& directory) {
  std::vector<LoadRound> measured;
  for (int i = 0; i < rounds; ++i) {
    const std::string folder = fmt::format("{}/bench-load-{}", directory, ::getpid());
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    const Result<LoadRound> round = MeasureRound(settings, folder);
    std::filesystem::remove_all(folder, error);
    if (!round.ok()) return round.error();
    measured.push_back(*round);
  }
  return measured;
}

std::string LoadReport(const Settings& settings, std::span<const LoadRound> rounds) {
  std::string report = fmt::format(
      "{} sorted records, values of {} bytes\n\n"
      "| round | load s | device s | tables MB | load MB/s | device MB/s | ratio |\n"
      "|---|---|---|---|---|---|---|\n",
      settings.keys, settings.value_bytes);
  std::vector<double> ratios;
  for (const LoadRound& round : rounds) {
    const double megabytes = static_cast<double>(round.table_bytes) / 1e6;
    ratios.push_back(round.Ratio());
    report += fmt::format("| {} | {:.2f} | {:.2f} | {:.0f} | {:.0f} | {:.0f} | {:.2f} |\n",
                          ratios.size(), round.load_seconds, round.device_seconds, megabytes,
                          megabytes / round.load_seconds, megabytes / round.device_seconds,
                          round.Ratio());
  }
  std::sort(ratios.begin(), ratios.end());
  return report + fmt::format("\nmedian of the device's rate: {:.2f}\n", ratios[ratios.size() / 2]);
}

}  // namespace beachdb::bench
